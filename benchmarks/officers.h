#ifndef OFFICERS_H
#define OFFICERS_H
#include "month.h"

/* Officers by free time; of equal times the lowest number. */

static void tree_fill(Free *f, const double *times) {
    int64_t winner[2 * f->size];
    for (int64_t i = 0; i < f->size; i++) winner[f->size + i] = i;
    for (int64_t node = f->size - 1; node > 0; node--) {
        int64_t a = winner[2 * node], b = winner[2 * node + 1];
        double ta = a < f->n ? times[a] : INFINITY, tb = b < f->n ? times[b] : INFINITY;
        int right = tb < ta;
        winner[node] = right ? b : a;
        f->leaf[node] = right ? a : b;
        f->time[node] = right ? ta : tb;
    }
    f->leaf[0] = winner[1];
    f->time[0] = times[winner[1]];
}

static inline int64_t free_first(const Free *f) {
    if (f->n > TREE_ABOVE) return f->leaf[0];
    int64_t best = 0;
    double least = f->time[0];
    for (int64_t o = 1; o < f->n; o++) {
        int less = f->time[o] < least;
        least = less ? f->time[o] : least;
        best = less ? o : best;
    }
    return best;
}

static inline double free_time(const Free *f, int64_t o) { return f->n > TREE_ABOVE ? f->time[0] : f->time[o]; }

static inline void free_set(Free *f, int64_t o, double time) {
    if (f->n <= TREE_ABOVE) {
        f->time[o] = time;
        return;
    }
    int64_t leaf = o;
    for (int64_t node = (o + f->size) >> 1; node > 0; node >>= 1) {
        double other = f->time[node];
        int64_t number = f->leaf[node];
        int loses = (other < time) | ((other == time) & (number < leaf)); /* without a branch */
        f->time[node] = loses ? time : other;
        f->leaf[node] = loses ? leaf : number;
        time = loses ? other : time;
        leaf = loses ? number : leaf;
    }
    f->time[0] = time;
    f->leaf[0] = leaf;
}

static Free free_make(int64_t n) {
    Free f = {n, 1, 0, 0};
    while (f.size < n) f.size *= 2;
    f.time = malloc((size_t)(f.size + 1) * sizeof(double));
    f.leaf = malloc((size_t)(f.size + 1) * sizeof(int64_t));
    return f;
}

static void free_fill(Free *f, const double *times) {
    if (f->n > TREE_ABOVE) tree_fill(f, times);
    else memcpy(f->time, times, (size_t)f->n * sizeof(double));
}

#endif
