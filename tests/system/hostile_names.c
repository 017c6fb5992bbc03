#include "tests/system/hostile_names.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/smf_rig.h"

#define LONG_BYTES   4096
#define SOUND_FRAMES 480

static const char session[] = "# dawd session 1\n/graph/add gain evil\n# end\n";

/* Nothing here may be done, whatever is asked to be done with it. */
static const char *const names[] = {
    /* no name of a file */
    "",
    ".",
    "..",
    "/",
    "//",
    "./",
    "sub",
    "sub/",
    "sub/.",
    "sub/..",
    "honest.wav/x",
    "honest.wav/../x/y",
    "honest.wav/",
    /* upwards */
    "../outside/s.dawd",
    "../../outside/s.dawd",
    "sub/../../outside/s.dawd",
    "sub/../../../../../../../etc/passwd",
    "./../outside/s.dawd",
    "sub/./../../outside/s.dawd",
    "nowhere/../../outside/s.dawd",
    "..//outside//s.dawd",
    "../inner/../outside/s.dawd",
    ".../outside/s.dawd",
    "..\\outside\\s.dawd/x",
    "%2e%2e/outside/s.dawd",
    /* from the top; the kernel's own files */
    "/etc/passwd",
    "/etc/hostname",
    "//etc/passwd",
    "/./etc/passwd",
    "/proc/self/mem",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/x",
    "/proc/self/fd/0",
    "/proc/self/exe",
    "/proc/self/environ",
    "/proc/thread-self/fd/4/x",
    "/proc/1/environ",
    "/proc/kmsg",
    "/sys/kernel/notes",
    "/dev/null",
    "/dev/zero",
    "/dev/stdin",
    "/dev/tty",
    "/dev/fd/1",
    "/dev/shm/x/y",
    "/root/.bashrc",
    /* links: to a file, to a folder, upwards, in a circle, to nothing, to the kernel's links */
    "link",
    "link/",
    "way/honest.wav",
    "way/x.dawd",
    "up/outside/s.dawd",
    "loop",
    "loop/x",
    "dangling",
    "top/etc/passwd",
    "magic",
    "magic/outside/s.dawd",
    "sub/deep",
    /* no regular files */
    "pipe",
    "pipe/",
    "socket",
    "device",
    "endless",
    /* what a shell, a terminal or printf would take for something else */
    "a\nb",
    "a\rb",
    "a\tb",
    "\033[2Jx",
    "\033]0;x\007y",
    "\001",
    "\177",
    "x\b\b",
    "~/x",
    "$HOME/x/y",
    "file:///etc/passwd",
    "http://127.0.0.1/x",
    "C:\\x\\y/z",
    "|/bin/sh",
    "`/bin/sh`/x",
    "$(/bin/sh)/x",
    "*/x",
    "nowhere/%n%n%n%n",
    "%s%s%s%s/%n",
    "\xff\xfe/x",
    "\xc0\xae\xc0\xae/outside/s.dawd",
};

/* Whose place is only known when the folders are: %s is the root. */
static const char *const absolute[] = {
    "%s",    "%s/",          "%s/..",     "%s/../outside/s.dawd", "%s/sub/../../outside/s.dawd",  "%s-not/s.dawd",
    "%s/up", "%s/way/x.wav", "%s/./link", "//%s/../s.dawd",       "/proc/self/root%s/honest.wav",
};

__attribute__((format(printf, 2, 3))) static const char *in(const struct studio *studio, const char *format, ...)
{
    static char path[2][400];
    static unsigned turn;
    char *at = path[turn++ % 2];
    int n = snprintf(at, sizeof path[0], "%s/", studio->folder);
    va_list args;
    va_start(args, format);
    vsnprintf(at + n, sizeof path[0] - (size_t)n, format, args);
    va_end(args);
    return at;
}

static void link_to(const struct studio *studio, const char *to, const char *name)
{
    if (symlink(to, in(studio, "inner/%s", name)))
        rig_fail("cannot make the link %s", name);
}

void hostile_folders_make(const struct studio *studio, char *root, size_t n)
{
    static const float silence[SOUND_FRAMES];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(root, n, "%s", in(studio, "inner"));
    if (mkdir(root, 0755) || mkdir(in(studio, "inner/sub"), 0755) || mkdir(in(studio, "outside"), 0755))
        rig_fail("no folders in %s", studio->folder);
    studio_write(studio, "outside/s.dawd", session, strlen(session));
    studio_write_wav(studio, "outside/sound.wav", silence, SOUND_FRAMES, 1);
    studio_write_wav(studio, "inner/honest.wav", silence, SOUND_FRAMES, 1);
    struct bytes song = smf_song();
    studio_write(studio, "inner/honest.mid", song.data, song.n);
    bytes_deinit(&song);
    link_to(studio, "../outside/s.dawd", "link");
    link_to(studio, "sub", "way");
    link_to(studio, "..", "up");
    link_to(studio, "loop", "loop");
    link_to(studio, "../outside/new.dawd", "dangling");
    link_to(studio, "/", "top");
    link_to(studio, "/proc/self/cwd", "magic");
    link_to(studio, "../../outside/s.dawd", "sub/deep");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", in(studio, "inner/socket"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (mkfifo(in(studio, "inner/pipe"), 0644) || bind(fd, (struct sockaddr *)&address, sizeof address))
        rig_fail("no pipe or socket in %s", root);
    close(fd);
    /* Only root may make devices, and not everywhere: otherwise there are none of these names. */
    mknod(in(studio, "inner/device"), S_IFCHR | 0666, makedev(1, 3));
    mknod(in(studio, "inner/endless"), S_IFCHR | 0666, makedev(1, 5));
}

const char *hostile_name(const struct studio *studio, unsigned i)
{
    static char name[HOSTILE_BYTES];
    if (i < ROWS(names))
        return names[i];
    i -= ROWS(names);
    if (i < ROWS(absolute)) {
        const char *mark = strstr(absolute[i], "%s");
        snprintf(name, sizeof name, "%.*s%s%s", (int)(mark - absolute[i]), absolute[i], in(studio, "inner"), mark + 2);
        return name;
    }
    /* 4 kB, in one part and in many. */
    i -= ROWS(absolute);
    for (unsigned k = 0; i < 2 && k < LONG_BYTES; k++)
        name[k] = i == 1 && k % 2 ? '/' : 'x';
    name[LONG_BYTES] = '\0';
    return i < 2 ? name : NULL;
}

bool hostile_outside_is_whole(const struct studio *studio)
{
    char text[256] = "";
    unsigned n = 0;
    DIR *folder = opendir(in(studio, "outside"));
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    if (folder)
        closedir(folder);
    FILE *file = fopen(in(studio, "outside/s.dawd"), "r");
    if (file) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    return n == 2 && strcmp(text, session) == 0;
}
