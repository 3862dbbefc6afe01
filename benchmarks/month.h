/* Cases, the month as it is given, keyed draws and histogram bins (docs/kernel.md, rng.py, records.py). */
#ifndef MONTH_H
#define MONTH_H
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR = 1, RETURN = 2, RETURN_TIME = 3, PATIENCE = 4, PERSON = 5, ACCESS = 6 };
enum { PRIORITY = 7, KIND = 8, TRIAGE = 9, ELEMENT = 10, CHANNEL = 16 };
enum { N_ELEMENTS = 9, PADDED = 16, TRUE_AT = 15, MEASURED_AT = TRUE_AT + N_ELEMENTS, FLOW_SUMS = MEASURED_AT + N_ELEMENTS };
enum { N_BINS = 40, COHORT_SUMS = 5, N_OFFICER = 9, TREE_ABOVE = 16, CELLS = 512 };

typedef struct {
    uint64_t key;
    double arrival, due, counter_work, processing_work, waited, first_wait;
    int16_t officer, cohort;
    uint8_t attempt, visit, stage, rushed;
} Case;

typedef struct {
    int64_t n_days, n_half_hours, n_counter, n_processing, n_channels, n_kinds, period;
    int64_t has_processing, max_visits, max_attempts, standard_is_wait, ticket_cap;
    double day_minutes, patience_scale, patience_shape, return_prob, rework_minutes, rework_share;
    double response_minutes, triage_share, priority_share, near_factor, restriction_days, rushed_minutes;
    double base_mean, slope_normal, slope_rushed, late_points, error_points, lost_points, courtesy_points;
    double person_sd, element_sd, element_rho, access;
    const double *start, *length, *length_factor, *profile;
    const int64_t *limit, *first_case;
    const uint64_t *key;
    const double *arrival, *counter_work, *processing_work, *patience;
    const double *speed, *error, *courtesy, *offset;
    const double *share, *intercept, *kappa, *tilt;
    const int64_t *digital, *group;
    const double *kind_cumulative, *kind_standard, *base, *weights;
    const double *wait_edges, *turnaround_edges;
    double *free_at, *flow, *cohort, *officers;
} Month;

typedef struct {
    const double *edges;
    double per_unit;
    uint8_t first[CELLS];
} Bins;

typedef struct {
    int64_t n, size;
    double *time; /* scan: free time of each officer; tree: loser of each inner node, then the winner at 0 */
    int64_t *leaf;
} Free;

typedef struct {
    const Month *m;
    Bins waits, days;
    double weights[4][PADDED], base[PADDED], common_part, own_part;
    uint64_t shift[PADDED];
    double month_end;
    double *row; /* sums of this period */
    Case *pool;
    int64_t n_pool;
} Run;

static inline uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static inline uint64_t bits_of(uint64_t key, uint64_t purpose, uint64_t attempt) {
    return mix(mix(key + purpose * 0x9E3779B97F4A7C15u) + attempt * 0x9E3779B97F4A7C15u);
}

static inline double uniform(uint64_t key, uint64_t purpose, uint64_t attempt) {
    return ((double)(bits_of(key, purpose, attempt) >> 11) + 0.5) * 0x1p-53;
}

static inline double normal(uint64_t key, uint64_t purpose) {
    uint64_t bits = bits_of(key, purpose, 0);
    double total = 0.0;
    for (int i = 0; i < 4; i++, bits >>= 16) total += (double)(bits & 0xFFFF) + 0.5;
    return (total / 65536.0 - 2.0) * 1.7320508075688772;
}

static void make_bins(Bins *bins, const double *edges, double per_unit) {
    bins->edges = edges;
    bins->per_unit = per_unit;
    int bin = 0;
    for (int cell = 0; cell < CELLS; cell++) {
        while (bin + 1 < N_BINS && edges[bin + 1] <= cell / per_unit) bin++;
        bins->first[cell] = (uint8_t)bin;
    }
}

static inline int bin_of(const Bins *bins, double value) {
    double scaled = value * bins->per_unit;
    int bin = bins->first[scaled < CELLS - 1 ? (int)scaled : CELLS - 1];
    while (bin + 1 < N_BINS && bins->edges[bin + 1] <= value) bin++;
    while (bin > 0 && bins->edges[bin] > value) bin--; /* rounding of `scaled` at a cell's border */
    return bin;
}

static inline double cut(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

#endif
