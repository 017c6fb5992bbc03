/* Every class of the registry, fed with recordings on a running engine, against the slow and obvious way to compute it
 * (tests/reference.h): the last part of row R12 of the reliability catalogue.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>

#include "tests/graph_rig.h"
#include "tests/reference.h"
#include "tests/stage.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ  48000
#define N_FRAMES ((size_t)20000)
#define SKIP     ((size_t)8000) /* silence in front of the words */
#define AGREE_DB 90
#define N_FILE   (N_FRAMES * 3 / 4)
#define EDGE     500
#define TAPS     255 /* of the filter before what is played at another speed */

static const char *const recordings[] = {"/usr/share/sounds/alsa/Front_Left.wav", "/usr/share/sounds/alsa/Rear_Right.wav"};

static float *sound[STAGE_CHANNELS];
static struct media media;

/* ---- recordings ------------------------------------------------------------------------------------------------------ */

static float *recording_read(const char *path)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    ck_assert_msg(file && info.channels == 1 && info.samplerate == RATE_HZ, "%s: alsa-utils has it", path);
    float *samples = calloc(N_FRAMES, sizeof *samples);
    sf_seek(file, (sf_count_t)SKIP, SEEK_SET);
    ck_assert_int_eq(sf_readf_float(file, samples, (sf_count_t)N_FRAMES), (sf_count_t)N_FRAMES);
    sf_close(file);
    return samples;
}

/* Silence at both ends, reached softly: a sharp edge has all frequencies. */
static double fade_at(size_t i)
{
    double from_edge = fmin((double)i, (double)(N_FILE - 1 - fmin((double)i, (double)(N_FILE - 1))));
    return from_edge < EDGE ? 0.5 - 0.5 * cos(M_PI * from_edge / EDGE) : 1;
}

/* Nothing above 16 kHz, where the player's own filter begins: what is compared is what it promises to keep. */
static void smooth(const float *in, float *out, unsigned stride)
{
    for (size_t i = 0; i < N_FRAMES; i++) {
        double sum = 0;
        for (int k = -TAPS / 2; k <= TAPS / 2; k++) {
            double t = 2.0 * 16000 / RATE_HZ * k,
                   window = 0.42 + 0.5 * cos(2 * M_PI * k / TAPS) + 0.08 * cos(4 * M_PI * k / TAPS);
            double sinc = k ? sin(M_PI * t) / (M_PI * k) : 2.0 * 16000 / RATE_HZ;
            long at = (long)i + k;
            sum += at < 0 || at >= (long)N_FRAMES ? 0 : sinc * window * (double)in[at];
        }
        out[i * stride] = (float)(sum * fade_at(i));
    }
}

static void recordings_load(void)
{
    float *both = calloc(2 * N_FRAMES, sizeof *both);
    for (unsigned c = 0; c < STAGE_CHANNELS; c++) {
        sound[c] = recording_read(recordings[c]);
        smooth(sound[c], both + c, 2);
    }
    media = (struct media){both, N_FILE, 2, RATE_HZ, RATE_HZ, 1, NULL};
}

static float play(void *user, unsigned channel, uint64_t frame)
{
    (void)user;
    return frame < N_FRAMES ? sound[channel][frame] : 0;
}

/* ---- one class ------------------------------------------------------------------------------------------------------- */

static void settings_read(const struct node_class *class, const char *settings, float *values)
{
    char text[256], *save = NULL;
    snprintf(text, sizeof text, "%s", settings);
    for (unsigned row = 0; row < class->n_params; row++)
        values[row] = class->params[row].initial;
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        char *equals = strchr(word, '=');
        unsigned row = 0;
        *equals = '\0';
        while (row < class->n_params && strcmp(class->params[row].name, word) != 0)
            row++;
        ck_assert_msg(row < class->n_params, "%s has no %s", class->name, word);
        values[row] = strtof(equals + 1, NULL);
    }
}

static unsigned width(const struct reference *r, const struct port_info *port)
{
    return node_class_has(r->class, r->values, port->number) ? port_info_channels(port, r->channels) : 0;
}

/* Every input port hears the recordings: both, or their mean. */
static void reference_open(struct reference *r)
{
    unsigned n_in = 0, n_out = 0;
    for (unsigned port = 0; port < r->class->n_inputs; port++)
        for (unsigned c = 0, n = width(r, &r->class->inputs[port]); c < n; c++) {
            double *in = r->in[n_in++] = calloc(r->n, sizeof *in);
            for (size_t i = 0; i < r->n; i++)
                in[i] = (double)(n == 1 ? 0.5f * sound[0][i] + 0.5f * sound[1][i] : sound[c][i]);
        }
    for (unsigned port = 0; port < r->class->n_outputs; port++)
        for (unsigned c = 0, n = width(r, &r->class->outputs[port]); c < n; c++)
            r->out[n_out++] = calloc(r->n, sizeof(double));
}

static void reference_close(struct reference *r)
{
    for (unsigned c = 0; c < REFERENCE_CHANNELS; c++) {
        free(r->in[c]);
        free(r->out[c]);
    }
}

/* What arrives at a side of `out`: of every output port that side, or its only channel. */
static double heard_at(const struct reference *r, unsigned side, size_t i)
{
    unsigned first = 0;
    double sum = 0;
    for (unsigned port = 0; port < r->class->n_outputs; port++) {
        unsigned n = width(r, &r->class->outputs[port]);
        if (n)
            sum += r->out[first + (n == 1 ? 0 : side)][i];
        first += n;
    }
    return fmin(fmax(sum, -15.8489), 15.8489); /* the ceiling of 24 dB */
}

/* Keeps what lies below 0.36 of the rate, of all frames but those of its own reach. */
static void below(double *x, size_t n)
{
    double *out = calloc(n, sizeof *out);
    for (size_t i = TAPS; i + TAPS < n; i++)
        for (int k = -TAPS; k <= TAPS; k++) {
            double window = 0.42 + 0.5 * cos(M_PI * k / (TAPS + 1)) + 0.08 * cos(2 * M_PI * k / (TAPS + 1));
            out[i] += window * (k ? sin(M_PI * 0.72 * k) / (M_PI * k) : 0.72) * x[i + (size_t)k];
        }
    memcpy(x, out, n * sizeof *x);
    free(out);
}

static double snr_of(const struct reference *r, bool band_limited, const float *heard, unsigned side)
{
    double signal = 0, error = 0, *theory = calloc(r->n, sizeof *theory), *off = calloc(r->n, sizeof *off);
    for (size_t i = 0; i < r->n; i++) {
        theory[i] = heard_at(r, side, i);
        off[i] = (double)heard[i] - theory[i];
    }
    if (band_limited)
        below(off, r->n);
    for (size_t i = 0; i < r->n; i++) {
        signal += theory[i] * theory[i];
        error += off[i] * off[i];
    }
    free(theory);
    free(off);
    if (signal == 0)
        return error == 0 ? 400 : -10 * log10(error / (double)r->n);
    return error == 0 ? 400 : 10 * log10(signal / error);
}

/* The worse of both sides. */
static double agreement_db(const struct node_class *class, const struct reference_row *row, const char *settings)
{
    float values[RIG_PARAMS_MAX];
    static float heard[STAGE_CHANNELS][1 << 15];
    struct stage *stage = stage_new(RATE_HZ);
    settings_read(class, settings, values);
    stage->media = media;
    stage->sound = play;
    stage->is_calm = !row->storms;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = heard[c];
    stage_ceiling(stage, 24);
    stage_add(stage, class, "x", values);
    if (!row->unfed)
        stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    struct reference r = {class,    values, RATE_HZ, model_find(&stage->ctl->model, "x")->channels,
                          N_FRAMES, {0},    {0},     &media};
    stage_run(stage, N_FRAMES, BLOCK_MAX);
    stage_free(stage);
    reference_open(&r);
    row->render(&r);
    double worst_db = fmin(snr_of(&r, row->band_limited, heard[0], 0), snr_of(&r, row->band_limited, heard[1], 1));
    reference_close(&r);
    return worst_db;
}

static const struct reference_row *row_find(const char *class)
{
    for (unsigned i = 0; i < n_reference_effects; i++)
        if (strcmp(reference_effects[i].class, class) == 0)
            return &reference_effects[i];
    for (unsigned i = 0; i < n_reference_synth; i++)
        if (strcmp(reference_synth[i].class, class) == 0)
            return &reference_synth[i];
    return NULL;
}

/* Classes that give nothing to hear: what they do has tests of its own. */
static bool is_heard(const struct node_class *class)
{
    for (unsigned port = 0; port < class->n_outputs; port++)
        if (!class->outputs[port].events)
            return !class->device;
    return false;
}

/* An instrument is its own definition: it may have none. */
static bool is_instrument(const struct node_class *class)
{
    return port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs;
}

START_TEST(every_node_fed_with_recordings_sounds_as_the_plain_way_to_compute_it)
{
    unsigned n_classes = 0, n_settings = 0;
    double worst_db = INFINITY;
    bool pass = true;
    recordings_load();
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        const struct reference_row *row = row_find(class->name);
        if (!is_heard(class) || (!row && is_instrument(class)))
            continue;
        ck_assert_msg(row, "%s has no reference: tests/reference_effects.c or _synth.c", class->name);
        for (unsigned k = 0; k < RIG_ROUNDS(REFERENCE_SETTINGS, 1) && row->settings[k]; k++, n_settings++) {
            double db = agreement_db(class, row, row->settings[k]);
            if (db < AGREE_DB)
                printf("%s \"%s\": %.1f dB\n", class->name, row->settings[k], db);
            pass = pass && db >= AGREE_DB;
            worst_db = fmin(worst_db, db);
        }
        n_classes++;
    }
    printf("REL R12 reference classes=%u settings=%u worst_db=%.1f %s\n", n_classes, n_settings, worst_db,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_node_fed_with_recordings_sounds_as_the_plain_way_to_compute_it};
    return suite_run("references", 240, tests, ROWS(tests));
}
