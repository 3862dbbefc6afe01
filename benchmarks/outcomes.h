#ifndef OUTCOMES_H
#define OUTCOMES_H
#include "month.h"

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
        cohort[4] += m->n_counter == 0 && c->first_wait <= m->response_minutes;
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
        if (m->group[ch] >= 0) {
            officer[4 + 2 * m->group[ch]] += rating;
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

#endif
