/* Per port and block: turn gains round if the plan wants others, then either point at the sources or sum. The way of a gain is
 * cut where it arrives, so that a fade ends on its frame however the blocks fall. What a plan wants never changes, so once
 * all gains have arrived nobody looks at them again. */
#include "graph/mix_rt.h"

#include <string.h>

#include "graph/dsp/still.h"
#include "graph/dsp/vector.h"
#include "graph/mutant.h"
#include "graph/rt_only.h"

const bool signal_is_still = true, signal_moves = false;

/* A plan that wants another gain than the edge is heading for turns it round from where it stands. An edge that leaves while
 * it was on a long way to silence anyhow has to be there as soon as control believes; so has one that came back, and left
 * once more, in plans of which only the last has run. */
static void retarget_rt(struct feed *feed)
{
    struct glide *gain = &feed->edge->gain;
    bool is_last = feed->leaves && feed->leaves != feed->edge->leaves;
    uint32_t fade_frames = MUTANT_FLAW("cut") ? 0 : feed->fade_frames;
    feed->edge->leaves = feed->leaves;
    if (gain->target != feed->target || is_last)
        glide_start_after(gain, glide_linear(gain, 0), feed->target, fade_frames, feed->wait_frames);
}

static bool rests_rt(const struct mix *mix)
{
    for (unsigned i = 0; i < mix->n_feeds; i++)
        if (!glide_is_settled(&mix->feeds[i].edge->gain))
            return false;
    return true;
}

/* To 0 and not instead of it, so that a sum has the same bits whichever way it is made. */
DAWD_CLONES static void set_rt(float *restrict sum, const float *restrict x, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sum[i] = 0.0f + gain * x[i];
}

DAWD_CLONES static void add_rt(float *restrict sum, const float *restrict x, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sum[i] += gain * x[i];
}

/* Frame by frame from how many have gone, so that a fade has the same bits wherever blocks begin. */
DAWD_CLONES static void add_ramp_rt(float *restrict sum, const float *restrict x, const struct glide *gain, unsigned n)
{
    float from = gain->from, way = gain->target - gain->from, length = (float)gain->length;
    uint32_t at = gain->at;
    for (unsigned i = 0; i < n; i++)
        sum[i] += (from + way * ((float)(at + i) / length)) * x[i];
}

/* A block of a gain: it waits where it stands, moves, and has arrived. */
static void feed_add_rt(const struct feed *feed, float *const *sum, unsigned n)
{
    const struct glide *gain = &feed->edge->gain;
    uint32_t left = gain->length - gain->at;
    unsigned n_wait = n < gain->wait ? n : gain->wait;
    unsigned n_ramp = n - n_wait < left ? n - n_wait : left, arrived = n_wait + n_ramp;
    float start = glide_linear(gain, 0);
    for (unsigned t = 0; t < feed->n_taps; t++) {
        float *out = sum[feed->taps[t].channel];
        float room[BLOCK_MAX];
        const float *from = still_frames(feed->taps[t].from, *feed->taps[t].still, room, n);
        if (n_wait && start != 0.0f)
            add_rt(out, from, start, n_wait);
        if (n_ramp)
            add_ramp_rt(out + n_wait, from + n_wait, gain, n_ramp);
        /* An edge that has faded out adds nothing more, until control takes it out of the plan. */
        if (arrived < n && gain->target != 0.0f)
            add_rt(out + arrived, from + arrived, gain->target, n - arrived);
    }
}

static void feeds_run_rt(struct mix *mix, float *const *sum, unsigned n)
{
    for (unsigned c = 0; mix->sounds && c < mix->n_channels; c++)
        memset(sum[c], 0, n * sizeof(float));
    for (unsigned i = 0; i < mix->n_feeds; i++) {
        if (!*mix->feeds[i].silent)
            feed_add_rt(&mix->feeds[i], sum, n);
        glide_advance(&mix->feeds[i].edge->gain, n);
    }
}

/* Four at a time: the sum is read and written a quarter as often, and added to in the same order. */
DAWD_CLONES static void add_four_rt(float *restrict sum, const struct term *term, unsigned n)
{
    const float *restrict a = term[0].from, *restrict b = term[1].from;
    const float *restrict c = term[2].from, *restrict d = term[3].from;
    float by_a = term[0].gain, by_b = term[1].gain, by_c = term[2].gain, by_d = term[3].gain;
    for (unsigned i = 0; i < n; i++)
        sum[i] = sum[i] + by_a * a[i] + by_b * b[i] + by_c * c[i] + by_d * d[i];
}

static bool term_sounds(const struct term *term)
{
    return term->silent && !*term->silent;
}

/* Those that sound, in their order; the bits do not depend on how many go at once. */
static void terms_run_rt(const struct terms *terms, float *sum, unsigned n)
{
    struct term some[4];
    float room[ROWS(some)][BLOCK_MAX];
    unsigned n_some = 0, t = 0;
    while (t < terms->n && !term_sounds(&terms->term[t]))
        t++;
    if (t < terms->n)
        set_rt(sum, still_frames(terms->term[t].from, *terms->term[t].still, room[0], n), terms->term[t].gain, n);
    else
        memset(sum, 0, n * sizeof(float));
    for (t++; t < terms->n; t++) {
        if (!term_sounds(&terms->term[t]))
            continue;
        some[n_some] = terms->term[t];
        some[n_some].from = still_frames(some[n_some].from, *some[n_some].still, room[n_some], n);
        n_some++;
        if (n_some < ROWS(some))
            continue;
        add_four_rt(sum, some, n);
        n_some = 0;
    }
    for (t = 0; t < n_some; t++)
        add_rt(sum, some[t].from, some[t].gain, n);
}

/* Whether its sum is: of one frame then, for who asks. */
static bool terms_are_still(const struct terms *terms)
{
    for (unsigned t = 0; t < terms->n; t++)
        if (term_sounds(&terms->term[t]) && !*terms->term[t].still)
            return false;
    return true;
}

/* An edge that rests at 0 brings nothing, whatever there is at its other end. */
static bool is_out_rt(const struct mix *mix, const struct feed *feed)
{
    const struct glide *gain = &feed->edge->gain;
    return mix->rests ? feed->target == 0.0f : glide_is_settled(gain) && gain->target == 0.0f;
}

static bool sounds_rt(const struct mix *mix)
{
    for (unsigned i = 0; i < mix->n_feeds; i++)
        if (!*mix->feeds[i].silent && !is_out_rt(mix, &mix->feeds[i]))
            return true;
    return false;
}

static void mix_point_rt(struct mix *mix, float *const *sum, bool passes)
{
    for (unsigned c = 0; c < mix->n_channels; c++) {
        bool is_silence = !mix->sounds || (passes && !term_sounds(&mix->pass[c]));
        if (is_silence)
            mix->in[c] = mix->silence;
        else
            mix->in[c] = passes ? mix->pass[c].from : sum[mix->rests ? mix->terms[c].channel : c];
        if (mix->still)
            mix->still[c] = is_silence ? &signal_is_still : passes ? mix->pass[c].still : &signal_moves;
    }
}

static void terms_sum_rt(struct mix *mix, float *const *sum, unsigned n)
{
    for (unsigned c = 0; c < mix->n_channels; c++) {
        const struct terms *terms = &mix->terms[c];
        bool is_still = mix->still && terms_are_still(terms);
        if (is_still)
            mix->still[c] = &signal_is_still;
        if (terms->channel == c)
            terms_run_rt(terms, sum[c], is_still ? 1 : n);
    }
}

bool mix_run_rt(struct mix *mix, float *const *sums, unsigned n)
{
    float *const *sum = sums + mix->first_sum;
    if (!mix->rests) {
        for (unsigned i = 0; i < mix->n_feeds; i++)
            retarget_rt(&mix->feeds[i]);
        mix->rests = rests_rt(mix);
    }
    bool passes = mix->rests && mix->pass;
    mix->sounds = sounds_rt(mix);
    mix_point_rt(mix, sum, passes);
    if (!mix->rests)
        feeds_run_rt(mix, sum, n);
    else if (mix->sounds && !passes)
        terms_sum_rt(mix, sum, n);
    return passes || (mix->rests && !mix->sounds);
}

void mix_skip_rt(struct mix *mix, uint32_t n)
{
    for (unsigned i = 0; i < mix->n_feeds; i++)
        glide_advance(&mix->feeds[i].edge->gain, n);
}

void mix_idle_rt(struct mix *mix, uint32_t n)
{
    for (unsigned i = 0; i < mix->n_feeds; i++) {
        retarget_rt(&mix->feeds[i]);
        glide_advance(&mix->feeds[i].edge->gain, n);
    }
}
