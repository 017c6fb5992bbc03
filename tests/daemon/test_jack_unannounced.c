/* Row J2 without a server: the process callback with a real engine behind it, called with periods that nobody has announced, as
 * PipeWire does. JACK's port buffers are this program's. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/jack_shared.h"
#include "tests/stage.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define N_FRAMES  ((size_t)200000)
#define ANNOUNCED 256
#define N_MOST    8192
#define N_PORTS   (2 * STAGE_CHANNELS) /* in_1, in_2, out_1, out_2 */

/* Each of their blocks begins its recurrences anew, so the last bits depend on where the blocks begin. */
static const char *const rounding[] = {"osc", "filter", "butterworth"};
#define ROUNDING_DB 130

/* Port i stands for itself: its buffer is where the run has come to. */
static float *sound[N_PORTS];
static size_t place;

void *jack_port_get_buffer(jack_port_t *port, jack_nframes_t n_frames)
{
    (void)n_frames;
    return *(float **)port + place;
}

static void put_on_stage(struct stage *stage, const struct node_class *class)
{
    stage_add(stage, class, class->name, NULL);
    stage_wire(stage, "in", class->name);
    stage_wire(stage, class->name, "out");
}

static void fill(float *x, unsigned seed)
{
    for (size_t i = 0; i < N_FRAMES; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(int32_t)seed / 8589934592.0f;
    }
}

static uint32_t random_n(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    uint32_t bits = *state >> 8, octave = bits % 14; /* as many short ones as long ones */
    return 1 + (bits >> 4) % (1u << octave);
}

static void ports_make(struct jack_shared *shared)
{
    for (unsigned i = 0; i < N_PORTS; i++) {
        sound[i] = calloc(N_FRAMES, sizeof(float));
        ck_assert_ptr_nonnull(sound[i]);
        atomic_store(i < STAGE_CHANNELS ? &shared->inputs[i] : &shared->outputs[i], (jack_port_t *)&sound[i]);
    }
    atomic_store(&shared->n_ports, N_PORTS);
    fill(sound[0], 1);
    fill(sound[1], 2);
}

/* However slow this build is, it need not rest. */
static uint64_t no_time_passes(void *self)
{
    (void)self;
    return 0;
}

/* Renders all of it, in cycles of random lengths (seed 0: in one), into new arrays for the outputs; returns how many. */
static unsigned render(const struct node_class *class, uint32_t seed, float *out[STAGE_CHANNELS])
{
    static struct jack_shared shared;
    static struct jack_seat seat;
    struct stage *stage = stage_new(RATE_HZ);
    unsigned n_cycles = 0;
    put_on_stage(stage, class);
    stage_run(stage, RATE_HZ / 10, ANNOUNCED); /* the fades of the edits */
    memset(&shared, 0, sizeof shared);
    shared.calls = &driver_engine_calls;
    shared.rate_hz = RATE_HZ;
    shared.clock.now_ns = no_time_passes;
    shared.period_frames = ANNOUNCED;
    atomic_store(&shared.engine, stage->ctl->engine);
    seat = (struct jack_seat){.shared = &shared};
    ports_make(&shared);
    uint32_t state = seed, n;
    for (place = 0; place < N_FRAMES; place += n, n_cycles++) {
        n = seed ? random_n(&state) : N_FRAMES;
        n = n < N_FRAMES - place ? n : (uint32_t)(N_FRAMES - place);
        ck_assert_int_eq(jack_rt_process(n, &seat), 0);
    }
    for (unsigned c = 0; c < STAGE_CHANNELS; c++) {
        free(sound[c]);
        out[c] = sound[STAGE_CHANNELS + c];
    }
    stage_free(stage);
    return n_cycles;
}

static bool is_rounding(const struct node_class *class)
{
    for (unsigned i = 0; i < ROWS(rounding); i++)
        if (strcmp(rounding[i], class->name) == 0)
            return true;
    return false;
}

struct sum {
    unsigned n_classes, n_equal, n_cycles;
    uint64_t n_wrong;
    double worst_db;
};

static void compare(const struct node_class *class, struct sum *sum)
{
    float *once[STAGE_CHANNELS], *often[STAGE_CHANNELS];
    double signal = 0, error = 0;
    uint64_t n_unequal = 0;
    render(class, 0, once);
    sum->n_cycles += render(class, 11 + sum->n_classes++, often);
    for (unsigned c = 0; c < STAGE_CHANNELS; c++) {
        for (size_t i = 0; i < N_FRAMES; i++) {
            double difference = (double)often[c][i] - once[c][i];
            n_unequal += memcmp(&once[c][i], &often[c][i], sizeof(float)) != 0;
            signal += (double)once[c][i] * once[c][i];
            error += difference * difference;
        }
        free(once[c]);
        free(often[c]);
    }
    double db = error > 0 ? 10 * log10(signal / error) : INFINITY;
    bool is_right = is_rounding(class) ? db >= ROUNDING_DB : !n_unequal;
    if (!is_right)
        printf("%s: %llu samples differ, %.1f dB\n", class->name, (unsigned long long)n_unequal, db);
    sum->n_equal += !n_unequal;
    sum->n_wrong += is_right ? 0 : n_unequal;
    sum->worst_db = fmin(sum->worst_db, db);
}

START_TEST(cycles_that_nobody_has_announced_give_the_samples_of_a_single_one)
{
    struct sum sum = {.worst_db = INFINITY};
    for (unsigned i = 0; i < n_node_registry; i++)
        if (!node_registry[i]->device)
            compare(node_registry[i], &sum);
    bool pass = sum.n_wrong == 0 && sum.n_equal + ROWS(rounding) >= sum.n_classes;
    printf("REL J2 classes=%u cycles=%u bit_equal=%u rounding_db_min=%.1f wrong_frames=%llu %s\n", sum.n_classes,
           sum.n_cycles, sum.n_equal, sum.worst_db, (unsigned long long)sum.n_wrong, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("jack_unannounced");
    tcase_add_test(tcase, cycles_that_nobody_has_announced_give_the_samples_of_a_single_one);
    tcase_set_timeout(tcase, 60);
    return suite_run_case("jack_unannounced", tcase);
}
