/* Any bytes at all as a session file, over a session that plays: taken whole or refused, and refused ones change nothing, not
 * even one bit of what sounds; what was taken is saved as a text that is taken again and saved as the same bytes.
 *
 * The first byte says how the rest is meant: bit 0, the lines alone, with head and end put around them; 1, no sound can be
 * loaded.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/session_rig.h"

#define LINES_MOST 60 /* more only take longer */

enum { LINES_ALONE = 1, NO_SOUNDS = 2 };

static struct osc_rig rig;
static bool is_open;

static void bring_sounds(bool none)
{
    while (rig.n_loads) {
        char *path = strdup(rig.loads[0].path);
        if (none)
            osc_rig_load_fails(&rig, path, ERROR_NO_FILE);
        else
            osc_rig_load(&rig, path);
        free(path);
    }
}

/* Until nothing is on its way and nothing fades. */
static void settle(void)
{
    do
        osc_rig_run(&rig);
    while (rig.ctl->fading || rig.ctl->under_way);
}

/* True when it was taken. */
static bool load(const uint8_t *text, size_t n, bool no_sounds)
{
    struct session_rig_sound before = session_rig_sound(&rig);
    osc_rig_send(&rig, "/session/load s fade 0");
    osc_rig_read(&rig, "s", text, n);
    bring_sounds(no_sounds);
    osc_rig_run(&rig);
    const struct osc_rig_answer *answer = osc_rig_answer(&rig);
    fuzz_expect(answer && !osc_rig_answer(&rig), "a load is not answered once");
    fuzz_expect(!rig.server->parked, "a request still waits");
    bool is_done = strncmp(answer->line, "/done", 5) == 0;
    if (!is_done)
        session_rig_unchanged(&rig, &before, answer->line);
    settle();
    return is_done;
}

static void check_comes_back(void)
{
    char *text = session_rig_save(&rig, "s");
    fuzz_expect(load((const uint8_t *)text, strlen(text), false), "what was saved is refused");
    char *again = session_rig_save(&rig, "s");
    fuzz_expect(strcmp(text, again) == 0, "what was saved is saved otherwise");
    free(again);
    free(text);
}

static void run(const uint8_t *data, size_t n)
{
    struct bytes text = {0};
    unsigned n_lines = 0;
    for (size_t i = 0; i < n; i++)
        n_lines += data[i] == '\n';
    if (n == 0 || n_lines > LINES_MOST)
        return;
    if (!is_open) {
        osc_rig_open(&rig);
        settle(); /* the first plan, of the nodes that every session has */
    }
    is_open = true;
    if (data[0] & LINES_ALONE)
        bytes_print(&text, "# dawd session 1\n");
    bytes_add(&text, data + 1, n - 1);
    if (data[0] & LINES_ALONE)
        bytes_print(&text, "\n# end\n");
    if (load(text.data ? text.data : (const uint8_t *)"", text.n, data[0] & NO_SOUNDS))
        check_comes_back();
    bytes_deinit(&text);
    osc_rig_forget(&rig);
}

static void reset(void)
{
    if (is_open)
        osc_rig_close(&rig);
    is_open = false;
}

const struct fuzz_target session_target = {"session", FUZZ_LINES, 1, run, reset};
