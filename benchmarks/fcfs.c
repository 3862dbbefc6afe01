/* First come, first served waits in C, the best we know: the yardstick of `fcfs_waits`.
 *
 * Free times of few servers are scanned or kept sorted in an array whose length the compiler knows; those of many
 * stand in a loser tree. No branch depends on the data. Waits equal those of a heap to the bit. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One instruction each. Written as a ? b : c, gcc makes a branch of some, and guesses it wrong. */
#ifdef __SSE2__
#include <emmintrin.h>
static inline double min(double a, double b) { return _mm_cvtsd_f64(_mm_min_sd(_mm_set_sd(a), _mm_set_sd(b))); }
static inline double max(double a, double b) { return _mm_cvtsd_f64(_mm_max_sd(_mm_set_sd(a), _mm_set_sd(b))); }
#else
static inline double min(double a, double b) { return a < b ? a : b; }
static inline double max(double a, double b) { return a > b ? a : b; }
#endif

static void one(const double *arrival, const double *service, int64_t n, double *wait) {
    double free_at = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double begin = max(free_at, arrival[k]);
        wait[k] = begin - arrival[k];
        free_at = begin + service[k];
    }
}

/* Two to four servers, whose sorted free times stay in registers; a place without a server is free never. */
static void few(const double *arrival, const double *service, int64_t n, int64_t c, double *wait) {
    double first = 0.0, second = 0.0, third = c > 2 ? 0.0 : INFINITY, fourth = c > 3 ? 0.0 : INFINITY;
    for (int64_t k = 0; k < n; k++) {
        double begin = max(first, arrival[k]);
        wait[k] = begin - arrival[k];
        double next = begin + service[k];
        first = min(next, second);
        second = max(second, min(next, third));
        third = max(third, min(next, fourth));
        fourth = max(fourth, next);
    }
}

/* Sorted free times; each place takes the middle of its old value, its neighbour's and the new time. */
static inline __attribute__((always_inline)) void sorted(
    const double *arrival, const double *service, int64_t n, int64_t c, double *wait, double *time) {
    for (int64_t j = 0; j < c; j++) time[j] = 0.0;
    time[c] = INFINITY;
    for (int64_t k = 0; k < n; k++) {
        double begin = max(time[0], arrival[k]);
        wait[k] = begin - arrival[k];
        double next = begin + service[k], here = time[1];
        time[0] = min(next, here);
        for (int64_t j = 1; j < c; j++) {
            double above = time[j + 1], low = min(next, above);
            time[j] = max(here, low);
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

/* Each inner node keeps the later of two free times and its server. Times >= 0 compare like their bits, so that the
 * loser and the winner can be exchanged by masks: a compiler that made a branch of it would guess wrong half the time. */
static int tree(const double *arrival, const double *service, int64_t n, int64_t c, double *wait) {
    int64_t size = 1, never, winner = 0, leaf = 0;
    double endless = INFINITY, free_at = 0.0;
    memcpy(&never, &endless, sizeof never);
    while (size < c) size *= 2;
    int64_t *loser = malloc((size_t)size * sizeof(int64_t)), *number = malloc((size_t)size * sizeof(int64_t));
    if (!loser || !number) return 1;
    for (int64_t level = 1, width = size; level < size; level *= 2, width /= 2)
        for (int64_t node = level; node < 2 * level; node++) {
            number[node] = (node - level) * width + width / 2;
            loser[node] = number[node] < c ? 0 : never;
        }
    for (int64_t k = 0; k < n; k++) {
        double begin = max(free_at, arrival[k]);
        wait[k] = begin - arrival[k];
        free_at = begin + service[k];
        memcpy(&winner, &free_at, sizeof winner);
        for (int64_t node = (leaf + size) >> 1; node > 0; node >>= 1) {
            int64_t other = loser[node], other_leaf = number[node], mask = -(int64_t)(other < winner);
            int64_t time_change = (other ^ winner) & mask, leaf_change = (other_leaf ^ leaf) & mask;
            loser[node] = other ^ time_change;
            number[node] = other_leaf ^ leaf_change;
            winner ^= time_change;
            leaf ^= leaf_change;
        }
        memcpy(&free_at, &winner, sizeof winner);
    }
    free(loser);
    free(number);
    return 0;
}

/* Fill `wait`; returns 0, or 1 when memory ran out. */
int fcfs_waits(const double *arrival, const double *service, int64_t n, int64_t c, double *wait) {
    switch (c) {
        case 1: one(arrival, service, n, wait); return 0;
        case 2: case 3: case 4: few(arrival, service, n, c, wait); return 0;
        OF(5) OF(6) OF(7) OF(8) OF(9) OF(10) OF(11) OF(12) OF(13) OF(14) OF(15) OF(16)
        default: return tree(arrival, service, n, c, wait);
    }
}
