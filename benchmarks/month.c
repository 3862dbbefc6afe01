/* One month of one service unit in C, written from docs/kernel.md: what a careful programmer would do by hand.
 *
 * Cases that end on their first visit never leave the registers and the stack; only those carried over are
 * stored, 64 bytes each. Few officers are scanned, many stand in a loser tree. The draws, the order of events and
 * every sum are the specification's, so outcomes equal those of the compiled kernel. No log of events. */
#include "officers.h"
#include "outcomes.h"

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
        if (m->n_counter == 0 && c->attempt == 0) c->first_wait = begin - c->arrival; /* until the first answer */
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
