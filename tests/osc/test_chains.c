/* The ready chains of scripts/chains, as a musician gets them: every one is a session that loads, lets sound through, keeps it
 * below full scale, and falls silent. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/offline.h"
#include "tests/session_rig.h"
#include "tests/spectrum.h"

#define FOLDER     "scripts/chains"
#define RATE_HZ    OSC_RIG_RATE_HZ
#define CHAINS_MAX 32
#define OUT_FIRST  2 /* device ports: in_1, in_2, out_1, out_2 */
#define N_PORTS    4
#define PLAYED     (2 * RATE_HZ)
#define RINGS      (40 * RATE_HZ)
#define WINDOW     (RATE_HZ / 2)

struct chain {
    char path[300], text[8192];
    size_t n;
};

static struct chain chains[CHAINS_MAX];
static unsigned n_chains;
static struct osc_rig rig;

static void chains_read(void)
{
    DIR *folder = opendir(FOLDER);
    OSC_RIG_DEMAND(folder, "there is no folder %s", FOLDER);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (!strstr(entry->d_name, ".dawd"))
            continue;
        OSC_RIG_DEMAND(n_chains < CHAINS_MAX, "more than %d chains", CHAINS_MAX);
        struct chain *chain = &chains[n_chains++];
        snprintf(chain->path, sizeof chain->path, FOLDER "/%s", entry->d_name);
        FILE *file = fopen(chain->path, "r");
        OSC_RIG_DEMAND(file, "%s cannot be opened", chain->path);
        chain->n = fread(chain->text, 1, sizeof chain->text - 1, file);
        fclose(file);
    }
    closedir(folder);
    OSC_RIG_DEMAND(n_chains, "no chains");
}

static void load(const struct chain *chain)
{
    const char *answer = session_rig_load(&rig, chain->path, chain->text, chain->n);
    ck_assert_msg(strncmp(answer, "/done 0 ", 8) == 0, "%s: %s", chain->path, answer);
}

START_TEST(a_chain_is_the_text_that_saving_it_would_write)
{
    for (unsigned i = 0; i < n_chains; i++) {
        char wanted[sizeof chains[i].text + 100];
        osc_rig_open(&rig);
        load(&chains[i]);
        snprintf(wanted, sizeof wanted, "# dawd session 1\n%s# end\n", osc_rig_dump(&rig));
        ck_assert_msg(strcmp(wanted, chains[i].text) == 0, "%s would be saved as\n%s", chains[i].path, wanted);
        osc_rig_close(&rig);
    }
}
END_TEST

/* n frames of both outputs, one after the other, for noise of this amplitude at both inputs. */
static void play(struct offline *offline, float *heard[2], size_t n, double amplitude)
{
    uint32_t seed = 1;
    for (size_t at = 0; at < n; at += OSC_RIG_CYCLE) {
        for (unsigned c = 0; c < 2; c++)
            noise_fill(offline->ports[c], OSC_RIG_CYCLE, amplitude, seed++);
        ctl_poll(rig.ctl);
        ck_assert(offline_cycle(offline, OSC_RIG_CYCLE));
        for (unsigned c = 0; c < 2; c++)
            memcpy(heard[c] + at, offline->ports[OUT_FIRST + c], OSC_RIG_CYCLE * sizeof(float));
    }
}

static void hear(const struct chain *chain, struct offline *offline, double amplitude)
{
    float *heard[2] = {calloc(RINGS, sizeof(float)), calloc(RINGS, sizeof(float))};
    play(offline, heard, PLAYED, amplitude);
    for (unsigned c = 0; c < 2; c++) {
        double level = decibel(rms(heard[c] + PLAYED - WINDOW, WINDOW)), most = peak(heard[c], PLAYED);
        ck_assert_msg(level > -40 && most <= 1, "%s, output %u: %.1f dB, peak %.3f", chain->path, c + 1, level, most);
    }
    play(offline, heard, RINGS, 0);
    for (unsigned c = 0; c < 2; c++)
        ck_assert_msg(peak(heard[c] + RINGS - WINDOW, WINDOW) < 1e-5, "%s, output %u rings on", chain->path, c + 1);
    free(heard[0]);
    free(heard[1]);
}

START_TEST(a_chain_lets_sound_through_below_full_scale_and_falls_silent)
{
    for (unsigned i = 0; i < n_chains; i++) {
        struct offline offline;
        osc_rig_open(&rig);
        load(&chains[i]);
        ck_assert_int_eq(offline_init(&offline, rig.ctl, N_PORTS, OSC_RIG_CYCLE), 0);
        hear(&chains[i], &offline, 0.2);
        hear(&chains[i], &offline, 1); /* as loud as a signal can be */
        offline_deinit(&offline);
        osc_rig_close(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_chain_is_the_text_that_saving_it_would_write,
                                  a_chain_lets_sound_through_below_full_scale_and_falls_silent};
    chains_read();
    return osc_rig_suite("chains", NULL, NULL, tests, ROWS(tests));
}
