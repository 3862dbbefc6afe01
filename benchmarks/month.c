/* One month of one service unit in C, written from docs/kernel.md: what a careful programmer would do by hand.
 *
 * Cases that end on their first visit never leave the registers and the stack; only those carried over are
 * stored, 64 bytes each. Few officers are scanned, many stand in a loser tree. The draws, the order of events and
 * every sum are the specification's, so outcomes equal those of the compiled kernel. No log of events. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR = 1, RETURN = 2, RETURN_TIME = 3, PATIENCE = 4, PERSON = 5, ACCESS = 6, CHANNEL = 16 };
enum { N_BINS = 40, FLOW_SUMS = 11, COHORT_SUMS = 4, N_OFFICER = 9, TREE_ABOVE = 16, CELLS = 512 };

typedef struct {
    uint64_t key;
    double arrival, due, counter_work, processing_work, waited, first_wait;
    int16_t officer, cohort;
    uint8_t attempt, visit, stage, rushed;
} Case;

typedef struct {
    int64_t n_days, n_half_hours, n_counter, n_processing, n_channels, period;
    int64_t has_processing, max_visits, max_attempts, standard_is_wait;
    double day_minutes, patience_scale, patience_shape, return_prob, rework_minutes, rework_share;
    double standard_minutes, near_factor, restriction_days, rushed_minutes;
    double base, slope_normal, slope_rushed, late_points, error_points, lost_points, courtesy_points, person_sd, access;
    const double *start, *length, *length_factor, *profile;
    const int64_t *limit, *first_case;
    const uint64_t *key;
    const double *arrival, *counter_work, *processing_work, *patience;
    const double *speed, *error, *courtesy, *offset;
    const double *share, *intercept, *kappa, *tilt;
    const int64_t *digital, *group;
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
        int loses = other < time || (other == time && number < leaf);
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

/* What ends a case or an attempt. */

static void count_lost(Run *r, const Case *c) {
    const Month *m = r->m;
    double latent = m->base - m->slope_normal * c->waited + m->lost_points + m->person_sd * normal(c->key, PERSON);
    r->row[3] += 1;
    r->row[7] += cut(latent, 25.0, 100.0);
    r->row[8] += 1;
    if (c->cohort < 0) return;
    double *cohort = m->cohort + c->cohort * (COHORT_SUMS + N_BINS);
    cohort[0] += 1;
    cohort[1] += m->restriction_days;
    cohort[COHORT_SUMS + bin_of(&r->days, m->restriction_days)] += 1;
}

static inline void count_finished(Run *r, const Case *c, double finish, int64_t ender) {
    const Month *m = r->m;
    double minutes = finish - c->arrival;
    double quantity = m->standard_is_wait ? c->first_wait : minutes;
    int on_time = quantity <= m->standard_minutes;
    int near = !on_time && quantity <= m->near_factor * m->standard_minutes;
    if (c->cohort >= 0) {
        double *cohort = m->cohort + c->cohort * (COHORT_SUMS + N_BINS), days = minutes / m->day_minutes;
        cohort[0] += 1;
        cohort[1] += days < m->restriction_days ? days : m->restriction_days;
        cohort[2] += on_time;
        cohort[3] += near;
        cohort[COHORT_SUMS + bin_of(&r->days, days)] += 1;
    }
    int64_t server = c->officer >= 0 ? c->officer : ender;
    double *officer = m->officers + server * N_OFFICER;
    officer[8] += 1;
    officer[2] += on_time;
    if (ender != server) {
        m->officers[ender * N_OFFICER + 8] += 1;
        m->officers[ender * N_OFFICER + 2] += on_time;
    }
    double latent = m->base - (c->rushed ? m->slope_rushed : m->slope_normal) * c->waited
                    + m->courtesy_points * m->courtesy[server];
    if (!on_time) latent += m->late_points;
    if (c->attempt > 0) latent += m->error_points;
    latent += m->person_sd * normal(c->key, PERSON);
    latent = cut(latent, 25.0, 100.0);
    r->row[7] += latent;
    r->row[8] += 1;
    double z = cut((latent - m->base) / m->person_sd, -3.0, 3.0);
    int online = -1; /* not drawn yet */
    for (int64_t ch = 0; ch < m->n_channels; ch++) {
        double u, share = m->share[ch];
        if (share <= 0 || (u = uniform(c->key, CHANNEL + (uint64_t)ch, 0)) >= share) continue; /* whatever the logit */
        if (m->digital[ch]) {
            if (online < 0) online = uniform(c->key, ACCESS, 0) < m->access;
            if (!online) continue;
        }
        double logit = m->intercept[ch] + m->kappa[ch] * z * z + m->tilt[ch] * z;
        if (u < share / (1.0 + exp(-logit))) {
            r->row[9] += latent;
            r->row[10] += 1;
            officer[4 + 2 * m->group[ch]] += latent;
            officer[5 + 2 * m->group[ch]] += 1;
        }
    }
}

static inline void end_attempt(Run *r, Case *c, int stage, double finish, double day_end, int64_t ender) {
    const Month *m = r->m;
    double *ends = finish <= r->month_end ? r->row : r->row + FLOW_SUMS + N_BINS;
    ends[5] += 1;
    if (uniform(c->key, ERROR, c->attempt) >= m->error[ender] || c->attempt + 1 >= m->max_attempts) {
        ends[4] += 1;
        count_finished(r, c, finish, ender);
        return;
    }
    ends[6] += 1;
    m->officers[ender * N_OFFICER + 3] += 1;
    if (c->attempt == 0) {
        c->counter_work *= m->rework_share;
        c->processing_work *= m->rework_share;
    }
    c->attempt++;
    c->visit += stage == 0;
    c->stage = (uint8_t)stage;
    c->due = fmax(day_end, finish + m->rework_minutes);
    r->pool[r->n_pool++] = *c;
}

/* The day. */

static double minute_of(const Month *m, double u) {
    int64_t low = 0, high = m->n_half_hours;
    while (high - low > 1) {
        int64_t middle = (low + high) >> 1;
        if (m->profile[middle] <= u) low = middle;
        else high = middle;
    }
    double width = m->profile[low + 1] - m->profile[low];
    return 30.0 * ((double)low + (width > 0 ? (u - m->profile[low]) / width : 0.0));
}

/* Sort `n` cases by `due`, stable; nearly sorted already. */
static void sort_cases(Case *cases, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        double due = cases[i].due;
        if (cases[i - 1].due <= due) continue;
        Case moved = cases[i];
        int64_t j = i - 1;
        for (; j >= 0 && cases[j].due > due; j--) cases[j + 1] = cases[j];
        cases[j + 1] = moved;
    }
}

static inline int visit(Run *r, Case *c, double t, double patience, double end, Free *free_times) {
    const Month *m = r->m;
    int64_t o = free_first(free_times);
    double time = free_time(free_times, o), begin = t > time ? t : time;
    double wait = begin - t < patience ? begin - t : patience;
    r->row[0] += 1;
    r->row[1] += wait;
    r->row[FLOW_SUMS + bin_of(&r->waits, wait)] += 1;
    c->waited += wait;
    if (begin - t > patience) {
        r->row[2] += 1;
        if (c->visit + 1 < m->max_visits && uniform(c->key, RETURN, c->visit) < m->return_prob) {
            c->visit++;
            c->due = end;
            r->pool[r->n_pool++] = *c;
        } else count_lost(r, c);
        return 0;
    }
    double minutes = c->counter_work / m->speed[o], finish = begin + minutes;
    free_set(free_times, o, finish);
    if (c->visit == 0) c->first_wait = wait;
    c->officer = (int16_t)o;
    c->rushed = minutes <= m->rushed_minutes;
    m->officers[o * N_OFFICER] += minutes;
    m->officers[o * N_OFFICER + 1] += 1;
    if (m->has_processing) {
        c->due = finish < end ? finish : end;
        return 1;
    }
    end_attempt(r, c, 0, finish, end, o);
    return 0;
}

static inline Case new_case(const Month *m, int64_t i) {
    double arrival = m->arrival[i];
    return (Case){m->key[i], arrival, arrival, m->counter_work[i], m->processing_work ? m->processing_work[i] : 0.0, 0.0,
                  INFINITY, -1, (int16_t)m->period, 0, 0, m->n_counter == 0, 0};
}

/* Serve the month. `pool` and `queue` hold what is carried over and have room for all cases; `counts` gets their
 * numbers. Returns 0, or 1 when memory ran out. */
int serve_month(const Month *m, Case *pool, int64_t n_pool, Case *queue, int64_t n_queue, int64_t *counts) {
    int64_t last = m->n_days - 1, n_cases = n_pool + n_queue + m->first_case[m->n_days], head = 0;
    Run run = {.m = m, .pool = pool, .n_pool = n_pool, .row = m->flow + m->period * (FLOW_SUMS + N_BINS),
               .month_end = m->start[last] + m->length[last]};
    make_bins(&run.waits, m->wait_edges, 1.0);
    make_bins(&run.days, m->turnaround_edges, 8.0);
    Free counter = free_make(m->n_counter > 0 ? m->n_counter : 1);
    Free back = free_make(m->n_processing > 0 ? m->n_processing : 1);
    double *times = malloc((size_t)(m->n_counter + m->n_processing + 1) * sizeof(double));
    Case *today = malloc((size_t)(n_cases + 1) * sizeof(Case));
    double *when = malloc((size_t)(n_cases + 1) * sizeof(double));
    int64_t *order = malloc((size_t)(n_cases + 1) * sizeof(int64_t));
    if (!times || !today || !when || !order || !counter.time || !counter.leaf || !back.time || !back.leaf) return 1;
    for (int64_t d = 0; d < m->n_days; d++) {
        double start = m->start[d], length = m->length[d], end = start + length;
        const double *offset = m->offset + d * (m->n_counter + m->n_processing);
        /* Who is due: returns first in `today`, entries into processing straight to the end of the queue. */
        int64_t kept = 0, n_returns = 0, first_entry = n_queue;
        for (int64_t i = 0; i < run.n_pool; i++) {
            Case *c = &pool[i];
            if (c->due >= end) {
                if (kept != i) pool[kept] = *c;
                kept++;
            } else if (c->stage == 0) {
                when[n_returns] = start + m->length_factor[d] * minute_of(m, uniform(c->key, RETURN_TIME, c->visit));
                today[n_returns++] = *c;
            } else {
                queue[n_queue] = *c;
                queue[n_queue++].due = fmax(c->due, start);
            }
        }
        run.n_pool = kept;
        for (int64_t i = 0; i < n_returns; i++) {
            int64_t j = i - 1;
            for (; j >= 0 && when[order[j]] > when[i]; j--) order[j + 1] = order[j];
            order[j + 1] = i;
        }
        int64_t a = m->first_case[d], n_new = m->first_case[d + 1], b = 0;
        if (m->n_counter == 0) {
            for (; a < n_new; a++) queue[n_queue++] = new_case(m, a);
        } else {
            for (int64_t o = 0; o < m->n_counter; o++) times[o] = offset[o] < length ? start + offset[o] : INFINITY;
            free_fill(&counter, times);
            while (a < n_new || b < n_returns) {
                int onwards;
                if (b >= n_returns || (a < n_new && m->arrival[a] <= when[order[b]])) {
                    Case c = new_case(m, a);
                    onwards = visit(&run, &c, m->arrival[a], m->patience[a], end, &counter);
                    if (onwards) queue[n_queue++] = c;
                    a++;
                } else {
                    Case *c = &today[order[b]];
                    double patience = -log(uniform(c->key, PATIENCE, c->visit));
                    patience = m->patience_scale * pow(patience, 1.0 / m->patience_shape);
                    onwards = visit(&run, c, when[order[b]], patience, end, &counter);
                    if (onwards) queue[n_queue++] = *c;
                    b++;
                }
            }
        }
        if (!m->has_processing) continue;
        sort_cases(queue + first_entry, n_queue - first_entry);
        offset += m->n_counter;
        for (int64_t p = 0; p < m->n_processing; p++) {
            if (offset[p] < length) m->free_at[p] = fmax(m->free_at[p], start + offset[p]);
            times[p] = offset[p] < length ? m->free_at[p] : INFINITY;
        }
        free_fill(&back, times);
        for (int64_t begun = 0; head < n_queue && begun < m->limit[d]; begun++, head++) {
            int64_t p = free_first(&back);
            Case *c = &queue[head];
            double begin = fmax(c->due, free_time(&back, p));
            if (begin >= end) break; /* endless where nobody is there */
            int64_t o = m->n_counter + p;
            double minutes = c->processing_work / m->speed[o], finish = begin + minutes;
            m->free_at[p] = finish;
            free_set(&back, p, finish);
            m->officers[o * N_OFFICER] += minutes;
            m->officers[o * N_OFFICER + 1] += 1;
            end_attempt(&run, c, 1, finish, end, o);
        }
        if (head) {
            memmove(queue, queue + head, (size_t)(n_queue - head) * sizeof(Case));
            n_queue -= head;
            head = 0;
        }
    }
    counts[0] = run.n_pool;
    counts[1] = n_queue;
    free(counter.time), free(counter.leaf), free(back.time), free(back.leaf), free(times), free(today), free(when), free(order);
    return 0;
}
