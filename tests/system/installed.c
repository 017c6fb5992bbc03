#include "tests/system/installed.h"

#include <check.h>
#include <stdio.h>
#include <unistd.h>

static char output[32768];
static char destination[128];

const char *installed_shell(const char *command)
{
    int status = process_run((const char *const[]){"sh", "-c", command, NULL}, output, sizeof output);
    ck_assert_msg(status == 0, "%s: %d: %s", command, status, output);
    return output;
}

void installed_make(const char *target)
{
    char command[512];
    snprintf(command, sizeof command, "make -s %s DESTDIR=%s PREFIX=/usr 2>&1", target, destination);
    installed_shell(command);
}

struct studio *installed_open(void)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    snprintf(destination, sizeof destination, "%s/root", studio->folder);
    installed_make("install");
    return studio;
}

const char *installed_root(void)
{
    return destination;
}

const char *installed_path(const char *path)
{
    static char whole[2][256];
    static unsigned turn;
    char *text = whole[turn++ % 2];
    snprintf(text, sizeof whole[0], "%s/usr/%s", destination, path);
    return text;
}

const char *installed_in_place(const char *command)
{
    char whole[1200];
    snprintf(
        whole, sizeof whole,
        "unshare -m%s sh -c 'mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr && export XDG_RUNTIME_DIR=/tmp && (%s) "
        "2>&1'",
        geteuid() ? "r" : "", destination, command);
    return installed_shell(whole);
}
