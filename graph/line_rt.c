/* What is not a number would go round for ever, and so would 1e38: both end here. */
#include "graph/line_shared.h"

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/rt_only.h"

static void put_rt(float *restrict to, const float *restrict x, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] = lasting_or_zero(x[i]);
}

static void fade_in_rt(float *x, const struct glide *onset, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        x[i] *= glide_linear(onset, i);
}

/* How much of n frames lies before the end of the line. */
static unsigned before_end(uint32_t at, unsigned n)
{
    return n < LINE_FRAMES - at ? n : LINE_FRAMES - at;
}

static void span_write_rt(struct line_rt *line, const float *const *from, unsigned first, unsigned n)
{
    for (unsigned c = 0; c < line->n_channels; c++) {
        float *to = line->channels[c] + line->write_at;
        if (!from) {
            memset(to, 0, n * sizeof *to);
            continue;
        }
        put_rt(to, from[c] + first, n);
        if (!glide_is_settled(&line->onset))
            fade_in_rt(to, &line->onset, n);
    }
    glide_advance(&line->onset, n);
    line->write_at = (line->write_at + n) % LINE_FRAMES;
}

void line_write_rt(struct line_rt *line, const float *const *from, unsigned n)
{
    unsigned first = before_end(line->write_at, n);
    span_write_rt(line, from, 0, first);
    if (first < n)
        span_write_rt(line, from, first, n - first);
}

void line_read_rt(struct line_rt *line, unsigned n)
{
    unsigned first = before_end(line->read_at, n);
    line->silent = true;
    for (unsigned c = 0; c < line->n_channels; c++) {
        memcpy(line->out[c], line->channels[c] + line->read_at, first * sizeof(float));
        memcpy(line->out[c] + first, line->channels[c], (n - first) * sizeof(float));
        line->silent &= all_zero(line->out[c], n);
    }
    line->read_at = (line->read_at + n) % LINE_FRAMES;
}

void line_clear_rt(struct line_rt *line)
{
    for (unsigned c = 0; c < line->n_channels; c++)
        memset(line->channels[c], 0, LINE_FRAMES * sizeof(float));
}
