/* One month of one service unit in C, written from docs/kernel.md: what a careful programmer would do by hand.
 *
 * Cases that end on their first visit never leave the registers and the stack; only those carried over are
 * stored, 64 bytes each. Few officers are scanned, many stand in a loser tree. The draws, the order of events and
 * every sum are the specification's, so outcomes equal those of the compiled kernel. No log of events. */
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

/* What ends a case or an attempt. */

static inline double standard_of(const Month *m, uint64_t key) {
    if (m->n_kinds == 1) return m->kind_standard[0];
    double u = uniform(key, KIND, 0);
    int64_t kind = 0;
    while (kind < m->n_kinds - 1 && u >= m->kind_cumulative[kind]) kind++;
    return m->kind_standard[kind];
}

/* Fill the nine elements from the points of each cause; return their mean. A loop over the padded length is a few
 * vector instructions. */
static inline double elements(const Run *r, uint64_t key, const double *causes, double lost, double *latent) {
    const Month *m = r->m;
    double common = r->common_part * normal(key, PERSON), sd = m->element_sd, own_part = r->own_part, index = 0.0;
    uint64_t bits = bits_of(key, ELEMENT, 0);
    for (int e = 0; e < PADDED; e++) {
        double seven = (double)(int64_t)((bits >> r->shift[e]) & 127);
        double own = 1.7320508075688772 * (2.0 * (seven + 0.5) / 128.0 - 1.0);
        double points = causes[0] * r->weights[0][e] + causes[1] * r->weights[1][e] + causes[2] * r->weights[2][e]
                        + causes[3] * r->weights[3][e] + lost;
        double value = r->base[e] + points + sd * (common + own_part * own);
        value = value < 25.0 ? 25.0 : value;
        latent[e] = value > 100.0 ? 100.0 : value;
    }
    for (int e = 0; e < N_ELEMENTS; e++) index += latent[e];
    return index / N_ELEMENTS;
}

static inline void add_elements(double *row, const double *latent, double index) {
    for (int e = 0; e < N_ELEMENTS; e++) row[TRUE_AT + e] += latent[e];
    row[7] += index;
    row[8] += 1;
}

static void count_lost(Run *r, const Case *c) {
    const Month *m = r->m;
    double latent[PADDED], causes[4] = {-m->slope_normal * c->waited, 0.0, 0.0, 0.0};
    double index = elements(r, c->key, causes, m->lost_points, latent);
    r->row[3] += 1;
    add_elements(r->row, latent, index);
    if (c->cohort < 0) return;
    double *cohort = m->cohort + c->cohort * (COHORT_SUMS + N_BINS);
    cohort[0] += 1;
    cohort[1] += m->restriction_days;
    cohort[COHORT_SUMS + bin_of(&r->days, m->restriction_days)] += 1;
}

static inline void count_finished(Run *r, const Case *c, double finish, int64_t ender) {
    const Month *m = r->m;
    double minutes = finish - c->arrival, standard = standard_of(m, c->key);
    double quantity = m->standard_is_wait ? c->first_wait : minutes;
    int on_time = quantity <= standard;
    int near = !on_time && quantity <= m->near_factor * standard;
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
    double latent[PADDED], causes[4] = {
        -(c->rushed ? m->slope_rushed : m->slope_normal) * c->waited, on_time ? 0.0 : m->late_points,
        c->attempt > 0 ? m->error_points : 0.0, m->courtesy_points * m->courtesy[server]};
    double index = elements(r, c->key, causes, 0.0, latent);
    add_elements(r->row, latent, index);
    double z = cut((index - m->base_mean) / m->person_sd, -3.0, 3.0);
    int online = -1; /* not drawn yet */
    for (int64_t ch = 0; ch < m->n_channels; ch++) {
        double u, share = m->share[ch];
        if (share <= 0 || (u = uniform(c->key, CHANNEL + (uint64_t)ch, 0)) >= share) continue; /* whatever the logit */
        if (m->digital[ch]) {
            if (online < 0) online = uniform(c->key, ACCESS, 0) < m->access;
            if (!online) continue;
        }
        double logit = m->intercept[ch] + m->kappa[ch] * z * z + m->tilt[ch] * z, rating = 0.0;
        if (u >= share / (1.0 + exp(-logit))) continue;
        for (int e = 0; e < N_ELEMENTS; e++) {
            double answer = 25.0 * nearbyint(latent[e] / 25.0);
            r->row[MEASURED_AT + e] += answer;
            rating += answer;
        }
        rating /= N_ELEMENTS;
        r->row[9] += rating;
        r->row[10] += 1;
        officer[4 + 2 * m->group[ch]] += rating;
        officer[5 + 2 * m->group[ch]] += 1;
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

/* Put into `order` the places of `n` times from early to late, stable; fast when nearly sorted. */
static void sort_times(const double *when, int64_t n, int64_t *order) {
    for (int64_t i = 0; i < n; i++) {
        int64_t j = i - 1;
        for (; j >= 0 && when[order[j]] > when[i]; j--) order[j + 1] = order[j];
        order[j + 1] = i;
    }
}

/* Sort `n` cases by `due`, stable; `copy`, `when` and `order` are scratch. */
static void sort_cases(Case *cases, int64_t n, Case *copy, double *when, int64_t *order) {
    for (int64_t i = 0; i < n; i++) when[i] = cases[i].due;
    sort_times(when, n, order);
    memcpy(copy, cases, (size_t)n * sizeof(Case));
    for (int64_t i = 0; i < n; i++) cases[i] = copy[order[i]];
}

/* Let a visitor go unserved, to come back or never. */
static inline void leave(Run *r, Case *c, double end) {
    const Month *m = r->m;
    if (c->visit + 1 < m->max_visits && uniform(c->key, RETURN, c->visit) < m->return_prob) {
        c->visit++;
        c->stage = 0;
        c->due = end;
        r->pool[r->n_pool++] = *c;
    } else count_lost(r, c);
}

/* Call visitor `c`, who came at `t`, to the next officer; return whether the case goes on to processing. */
static inline int call(Run *r, Case *c, double t, double patience, double end, Free *free_times, int in_priority) {
    const Month *m = r->m;
    int64_t o = free_first(free_times);
    double time = free_time(free_times, o), begin = t > time ? t : time;
    double wait = begin - t < patience ? begin - t : patience;
    r->row[0] += 1;
    r->row[1] += wait;
    r->row[FLOW_SUMS + bin_of(&r->waits, wait)] += 1;
    if (in_priority) {
        r->row[12] += 1;
        r->row[13] += wait;
    }
    c->waited += wait;
    if (begin - t > patience) {
        r->row[2] += 1;
        leave(r, c, end);
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
    return (Case){m->key[i], arrival, arrival, m->counter_work[i], m->processing_work[i], 0.0, INFINITY,
                  -1, (int16_t)m->period, 0, 0, 1, 0};
}

static inline int triaged_out(Run *r, uint64_t key) {
    int out = r->m->triage_share > 0 && uniform(key, TRIAGE, 0) < r->m->triage_share;
    r->row[14] += out;
    return out;
}

/* The day's visitors with a ticket: when they came, and who: new case `i` as i, return `b` as -1 - b. */
typedef struct {
    double *time;
    int64_t *who, *ordinary, *priority;
    int64_t n;
} Line;

/* Merge new cases with returns, a new case first at the same minute; turn away whoever gets no ticket. */
static void line_up(Run *r, Line *line, int64_t d, Case *returned, const double *when, const int64_t *order,
                    int64_t n_returns, double end) {
    const Month *m = r->m;
    int64_t i = m->first_case[d], last = m->first_case[d + 1], b = 0;
    for (line->n = 0; i < last || b < n_returns;) {
        int is_new = b >= n_returns || (i < last && m->arrival[i] <= when[order[b]]);
        int64_t who = is_new ? i++ : -1 - order[b++];
        if (is_new && triaged_out(r, m->key[who])) continue;
        if (line->n >= m->ticket_cap) {
            Case c = is_new ? new_case(m, who) : returned[-1 - who];
            r->row[11] += 1;
            leave(r, &c, end);
            continue;
        }
        line->time[line->n] = is_new ? m->arrival[who] : when[-1 - who];
        line->who[line->n++] = who;
    }
}

/* Serve the line; cases that go on to processing are put at the end of `queue`, whose new length is returned. */
static int64_t serve_line(Run *r, const Line *line, Case *returned, double end, Free *officers, Case *queue,
                          int64_t n_queue) {
    const Month *m = r->m;
    int64_t joined = 0, head[2] = {0, 0}, tail[2] = {0, 0}, *lanes[2] = {line->ordinary, line->priority};
    for (int64_t served = 0; served < line->n; served++) {
        int64_t v = served;
        int lane = 0;
        if (m->priority_share > 0) {
            double until = free_time(officers, free_first(officers));
            if (served == joined && line->time[joined] > until) until = line->time[joined];
            for (; joined < line->n && line->time[joined] <= until; joined++) {
                int64_t who = line->who[joined];
                uint64_t key = who >= 0 ? m->key[who] : returned[-1 - who].key;
                lane = uniform(key, PRIORITY, 0) < m->priority_share;
                lanes[lane][tail[lane]++] = joined;
            }
            lane = head[1] < tail[1];
            v = lanes[lane][head[lane]++];
        }
        int64_t who = line->who[v];
        if (who >= 0) {
            Case c = new_case(m, who);
            if (call(r, &c, line->time[v], m->patience[who], end, officers, lane)) queue[n_queue++] = c;
        } else {
            Case *c = &returned[-1 - who];
            double patience = m->patience_scale * pow(-log(uniform(c->key, PATIENCE, c->visit)), 1.0 / m->patience_shape);
            if (call(r, c, line->time[v], patience, end, officers, lane)) queue[n_queue++] = *c;
        }
    }
    return n_queue;
}

/* Process the queue as far as officers, supplies and time go; return how many were begun. */
static int64_t process(Run *r, Case *queue, int64_t n_queue, int64_t d, Free *officers) {
    const Month *m = r->m;
    double end = m->start[d] + m->length[d];
    int64_t begun = 0;
    for (; begun < n_queue && begun < m->limit[d]; begun++) {
        int64_t p = free_first(officers), o = m->n_counter + p;
        Case *c = &queue[begun];
        double begin = fmax(c->due, free_time(officers, p));
        if (begin >= end) break; /* endless where nobody is there */
        double minutes = c->processing_work / m->speed[o], finish = begin + minutes;
        m->free_at[p] = finish;
        free_set(officers, p, finish);
        m->officers[o * N_OFFICER] += minutes;
        m->officers[o * N_OFFICER + 1] += 1;
        if (c->attempt == 0 && c->cohort >= 0 && begin - c->arrival <= m->response_minutes)
            m->cohort[c->cohort * (COHORT_SUMS + N_BINS) + 4] += 1;
        end_attempt(r, c, 1, finish, end, o);
    }
    return begun;
}

/* Serve the month. `pool` and `queue` hold what is carried over and have room for all cases; `counts` gets their
 * numbers. Returns 0, or 1 when memory ran out. */
int serve_month(const Month *m, Case *pool, int64_t n_pool, Case *queue, int64_t n_queue, int64_t *counts) {
    int64_t last = m->n_days - 1, n_officers = m->n_counter + m->n_processing;
    size_t room = (size_t)(n_pool + n_queue + m->first_case[m->n_days] + 1);
    Run run = {.m = m, .pool = pool, .n_pool = n_pool, .row = m->flow + m->period * (FLOW_SUMS + N_BINS),
               .month_end = m->start[last] + m->length[last]};
    for (int e = 0; e < N_ELEMENTS; e++) {
        for (int cause = 0; cause < 4; cause++) run.weights[cause][e] = m->weights[4 * e + cause];
        run.base[e] = m->base[e];
        run.shift[e] = 7 * (uint64_t)e;
    }
    run.common_part = sqrt(m->element_rho), run.own_part = sqrt(1.0 - m->element_rho);
    make_bins(&run.waits, m->wait_edges, 1.0);
    make_bins(&run.days, m->turnaround_edges, 8.0);
    Free counter = free_make(m->n_counter > 0 ? m->n_counter : 1);
    Free back = free_make(m->n_processing > 0 ? m->n_processing : 1);
    Case *returned = malloc(room * sizeof(Case));
    double *scratch = malloc((2 * room + (size_t)n_officers + 1) * sizeof(double)), *when = scratch + room;
    double *times = scratch + 2 * room;
    int64_t *places = malloc(4 * room * sizeof(int64_t)), *order = places;
    Line line = {scratch, places + room, places + 2 * room, places + 3 * room, 0};
    if (!returned || !scratch || !places || !counter.time || !counter.leaf || !back.time || !back.leaf) return 1;
    for (int64_t d = 0; d < m->n_days; d++) {
        double start = m->start[d], length = m->length[d], end = start + length;
        const double *offset = m->offset + d * n_officers;
        int64_t kept = 0, n_returns = 0, first_entry = n_queue;
        for (int64_t i = 0; i < run.n_pool; i++) {
            Case *c = &pool[i];
            if (c->due >= end) {
                if (kept != i) pool[kept] = *c;
                kept++;
            } else if (c->stage == 0) {
                when[n_returns] = start + m->length_factor[d] * minute_of(m, uniform(c->key, RETURN_TIME, c->visit));
                returned[n_returns++] = *c;
            } else {
                queue[n_queue] = *c;
                queue[n_queue++].due = fmax(c->due, start);
            }
        }
        run.n_pool = kept;
        if (m->n_counter > 0) {
            sort_times(when, n_returns, order);
            line_up(&run, &line, d, returned, when, order, n_returns, end);
            for (int64_t o = 0; o < m->n_counter; o++) times[o] = offset[o] < length ? start + offset[o] : INFINITY;
            free_fill(&counter, times);
            n_queue = serve_line(&run, &line, returned, end, &counter, queue, n_queue);
        } else {
            for (int64_t i = m->first_case[d]; i < m->first_case[d + 1]; i++)
                if (!triaged_out(&run, m->key[i])) queue[n_queue++] = new_case(m, i);
        }
        if (!m->has_processing) continue;
        sort_cases(queue + first_entry, n_queue - first_entry, returned, when, order);
        offset += m->n_counter;
        for (int64_t p = 0; p < m->n_processing; p++) {
            if (offset[p] < length) m->free_at[p] = fmax(m->free_at[p], start + offset[p]);
            times[p] = offset[p] < length ? m->free_at[p] : INFINITY;
        }
        free_fill(&back, times);
        int64_t begun = process(&run, queue, n_queue, d, &back);
        n_queue -= begun;
        memmove(queue, queue + begun, (size_t)n_queue * sizeof(Case));
    }
    counts[0] = run.n_pool;
    counts[1] = n_queue;
    free(counter.time), free(counter.leaf), free(back.time), free(back.leaf), free(returned), free(scratch), free(places);
    return 0;
}
