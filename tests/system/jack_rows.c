#include "tests/system/jack_rows.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>

#include "tests/system/process.h"

const char *const *jack_row_environment(const struct jack_row *row)
{
    static char flaw[64];
    static const char *environment[2];
    snprintf(flaw, sizeof flaw, "DAWD_MUTANT=%s", row->mutant ? row->mutant : "");
    environment[0] = row->mutant ? flaw : NULL;
    return environment;
}

void jack_row_print(const struct jack_row *row, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    if (!row->quiet)
        vprintf(format, values);
    va_end(values);
    fflush(stdout);
}

bool jack_row_catches(const struct jack_row_flaw *flaw)
{
    bool is_caught = !flaw->row(&(struct jack_row){.mutant = flaw->flaw, .quiet = true});
    printf("REL %s flaw=%s caught=%s %s\n", flaw->name, flaw->flaw, is_caught ? "yes" : "no", is_caught ? "PASS" : "FAIL");
    fflush(stdout);
    return is_caught;
}

void jack_rows_own_room(const char *size)
{
    char options[32];
    snprintf(options, sizeof options, "size=%s,mode=1777", size);
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("dawd-test", "/dev/shm", "tmpfs", 0, options))
        rig_fail("no /dev/shm of the test's own: it needs root, or unshare -Urm");
}
