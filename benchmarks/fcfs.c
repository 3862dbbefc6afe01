/* First come, first served waits in C, the best we know: the yardstick of `fcfs_waits`.
 *
 * Free times of few servers are scanned or kept sorted in an array whose length the compiler knows; those of many
 * stand in a loser tree. No branch depends on the data. Waits equal those of a heap to the bit. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static void one(const double *arrival, const double *service, int64_t n, double *wait) {
    double free_at = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double begin = free_at > arrival[k] ? free_at : arrival[k];
        wait[k] = begin - arrival[k];
        free_at = begin + service[k];
    }
}

/* Sorted free times; each place takes the middle of its old value, its neighbour's and the new time. */
static inline __attribute__((always_inline)) void sorted(
    const double *arrival, const double *service, int64_t n, int64_t c, double *wait, double *time) {
    for (int64_t j = 0; j < c; j++) time[j] = 0.0;
    time[c] = INFINITY;
    for (int64_t k = 0; k < n; k++) {
        double begin = time[0] > arrival[k] ? time[0] : arrival[k];
        wait[k] = begin - arrival[k];
        double next = begin + service[k], here = time[1];
        time[0] = next < here ? next : here;
        for (int64_t j = 1; j < c; j++) {
            double above = time[j + 1], low = next < above ? next : above;
            time[j] = here > low ? here : low;
            here = above;
        }
    }
}

#define OF(c) \
    case c: { \
        double time[c + 1]; \
        sorted(arrival, service, n, c, wait, time); \
        return 0; \
    }

static int tree(const double *arrival, const double *service, int64_t n, int64_t c, double *wait) {
    int64_t size = 1;
    while (size < c) size *= 2;
    double *loser = malloc((size_t)size * sizeof(double));
    int32_t *number = malloc((size_t)size * sizeof(int32_t));
    if (!loser || !number) return 1;
    for (int64_t level = 1, width = size; level < size; level *= 2, width /= 2)
        for (int64_t node = level; node < 2 * level; node++) {
            number[node] = (int32_t)((node - level) * width + width / 2);
            loser[node] = number[node] < c ? 0.0 : INFINITY;
        }
    int32_t leaf = 0;
    double free_at = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double begin = free_at > arrival[k] ? free_at : arrival[k];
        wait[k] = begin - arrival[k];
        free_at = begin + service[k];
        for (int64_t node = (leaf + size) >> 1; node > 0; node >>= 1) {
            double other = loser[node];
            int32_t other_leaf = number[node];
            int loses = other < free_at;
            loser[node] = loses ? free_at : other;
            number[node] = loses ? leaf : other_leaf;
            free_at = loses ? other : free_at;
            leaf = loses ? other_leaf : leaf;
        }
    }
    free(loser);
    free(number);
    return 0;
}

/* Fill `wait`; returns 0, or 1 when memory ran out. */
int fcfs_waits(const double *arrival, const double *service, int64_t n, int64_t c, double *wait) {
    switch (c) {
        case 1: one(arrival, service, n, wait); return 0;
        OF(2) OF(3) OF(4) OF(5) OF(6) OF(7) OF(8) OF(9) OF(10) OF(11) OF(12) OF(13) OF(14) OF(15) OF(16)
        default: return tree(arrival, service, n, c, wait);
    }
}
