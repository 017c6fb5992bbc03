#include "tests/system/studio.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/watchman.h"

#define START_S     10.0 /* a server or daemon that needs longer does not work */
#define PORT_S      5.0
#define SERVERS_MAX 16u /* of ours at a time */

static struct studio *open_studio;

/* ---- names and places ---------------------------------------------------------------------------------------------- */

const char *studio_build(const char *variant, const char *file)
{
    static char path[1024];
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *tree = NULL;
    for (char *at = self; (at = strstr(at, "/tests/")); at++)
        tree = at;
    if (!tree)
        rig_fail("%s does not lie in a build tree", self);
    *tree = '\0';
    if (variant)
        snprintf(path, sizeof path, "%s/%s/%s", dirname(self), variant, file);
    else
        snprintf(path, sizeof path, "%s/%s", self, file);
    return path;
}

/* A UDP port that nobody has at this moment. */
static unsigned free_port(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) || getsockname(fd, (struct sockaddr *)&at, &size))
        rig_fail("no UDP port on the loopback: %s", strerror(errno));
    close(fd);
    return ntohs(at.sin_port);
}

/* JACK keeps a list of at most eight servers, and those that were killed stay on it until one of the same name comes. So
 * the names are few and used again: the first that no other test has at this moment, locked as long as we live. */
static int take_server_name(char *name, size_t bytes)
{
    for (unsigned i = 0; i < SERVERS_MAX; i++) {
        char lock[128];
        snprintf(name, bytes, "dawd-test-%u", i);
        /* Where the list is: tests that see a /dev/shm of their own have a list of their own. Held until its owner is gone. */
        snprintf(lock, sizeof lock, "/dev/shm/%s.lock", name);
        int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        close(fd);
    }
    rig_fail("%u tests with a JACK server run already", SERVERS_MAX);
}

/* ---- programs ------------------------------------------------------------------------------------------------------ */

static void hush(const char *text)
{
    (void)text;
}

static jack_client_t *look_in(const struct studio *studio)
{
    jack_set_error_function(hush);
    jack_set_info_function(hush);
    return jack_client_open("look", JackNoStartServer | JackServerName, NULL, studio->server);
}

void studio_spawn_server(struct studio *studio)
{
    char rate[16], period[16], ports[16], log[128];
    snprintf(ports, sizeof ports, "-p%u", studio->options.port_max ? studio->options.port_max : 2048);
    snprintf(rate, sizeof rate, "-r%u", studio->options.rate_hz);
    snprintf(period, sizeof period, "-p%u", studio->options.period);
    snprintf(log, sizeof log, "%s/jackd.log", studio->folder);
    const char *mode = studio->options.lock_step ? "-S" : "-R";
    const char *talk = studio->options.tells_late ? "-v" : "-R"; /* -R is the default anyhow */
    const char *argv[] = {"jackd", "-n", studio->server, talk, mode, ports, "-d", "dummy", rate, period, NULL};
    process_start(&studio->jackd, log, argv, NULL);
}

void studio_start_server(struct studio *studio)
{
    studio_spawn_server(studio);
    for (double end = now_s() + START_S; now_s() < end; pause_s(0.02)) {
        studio->up_s = now_s();
        jack_client_t *jack = look_in(studio);
        if (jack) {
            jack_client_close(jack);
            return;
        }
        if (process_wait(&studio->jackd, 0))
            rig_fail("jackd ended with %d; /dev/shm needs 128 MB", studio->jackd.status);
    }
    rig_fail("jackd did not come up within %.0f s", START_S);
}

void studio_spawn_daemon(struct studio *studio, struct process *process)
{
    char port[16], log[128], program[1024], root[128];
    const char *beneath = studio->options.root;
    snprintf(root, sizeof root, "%s%s%s", studio->folder, beneath ? "/" : "", beneath ? beneath : "");
    snprintf(program, sizeof program, "%s", studio_build(studio->options.variant, "dawd"));
    snprintf(port, sizeof port, "%u", studio->port);
    snprintf(log, sizeof log, "%s/%s.log", studio->folder, process == &studio->dawd ? "dawd" : "second");
    const char *own[] = {program, "--name",   studio->name,   "--server", studio->server, "--port",
                         port,    "--socket", studio->socket, "--root",   root,           NULL};
    const char *const *const parts[] = {studio->options.prefix, own, studio->options.arguments};
    const char *argv[48] = {NULL};
    for (unsigned i = 0, n = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *const *word = parts[i]; word && *word && n < 47; word++)
            argv[n++] = *word;
    process_start(process, log, argv, studio->options.environment);
}

void studio_start_daemon(struct studio *studio)
{
    studio_spawn_daemon(studio, &studio->dawd);
    for (double end = now_s() + START_S; !client_try_unix(&studio->client, studio->socket); pause_s(0.005))
        if (process_wait(&studio->dawd, 0) || now_s() > end)
            rig_fail("dawd does not listen at %s (exit status %d)", studio->socket, studio->dawd.status);
    client_do(&studio->client, "/ping");
    char port[64];
    snprintf(port, sizeof port, "%s:out_1", studio->name);
    if (!studio->options.no_server && !studio_has_port(studio, port))
        rig_fail("dawd did not come up on the JACK server");
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

struct studio *studio_open(const struct studio_options *options)
{
    if (open_studio) /* a test in the same process has failed in the middle */
        watchman_alarm();
    struct studio *studio = calloc(1, sizeof *studio);
    if (!studio)
        rig_fail("no memory");
    studio->options = *options;
    studio->options.rate_hz = options->rate_hz ? options->rate_hz : 48000;
    studio->options.period = options->period ? options->period : 256;
    snprintf(studio->folder, sizeof studio->folder, "/dev/shm/dawd-studio-XXXXXX");
    if (!mkdtemp(studio->folder))
        rig_fail("cannot make a folder in /dev/shm");
    open_studio = studio;
    studio->name_lock = take_server_name(studio->server, sizeof studio->server);
    watchman_start(studio->folder); /* shares the lock: the name is free when all is put away */
    snprintf(studio->name, sizeof studio->name, "dut");
    snprintf(studio->socket, sizeof studio->socket, "%s/sock", studio->folder);
    studio->port = free_port();
    studio->client.fd = -1;
    if (!options->no_server)
        studio_start_server(studio);
    if (!options->no_daemon)
        studio_start_daemon(studio);
    return studio;
}

void studio_close(struct studio *studio)
{
    client_close(&studio->client);
    process_stop(&studio->dawd);
    process_stop(&studio->jackd);
    char output[64];
    process_run((const char *const[]){"rm", "-rf", studio->folder, NULL}, output, sizeof output);
    watchman_dismiss();
    close(studio->name_lock);
    open_studio = NULL;
    free(studio);
}

/* ---- looking ------------------------------------------------------------------------------------------------------- */

static bool port_is(struct studio *studio, const char *port, bool wanted)
{
    jack_client_t *jack = look_in(studio);
    if (!jack)
        rig_fail("the JACK server refuses a client");
    bool is = !wanted;
    for (double end = now_s() + PORT_S; is != wanted && now_s() < end; pause_s(0.01))
        is = jack_port_by_name(jack, port) != NULL;
    jack_client_close(jack);
    return is == wanted;
}

bool studio_has_port(struct studio *studio, const char *port)
{
    return port_is(studio, port, true);
}

bool studio_lacks_port(struct studio *studio, const char *port)
{
    return port_is(studio, port, false);
}

long studio_proc(const struct studio *studio, int tid, const char *file, const char *key)
{
    char path[128], text[8192];
    if (tid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/%s", studio->dawd.pid, tid, file);
    else
        snprintf(path, sizeof path, "/proc/%d/%s", studio->dawd.pid, file);
    FILE *stream = fopen(path, "r");
    if (!stream)
        return -1;
    text[fread(text, 1, sizeof text - 1, stream)] = '\0';
    fclose(stream);
    const char *at = strstr(text, key);
    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

void studio_write(const struct studio *studio, const char *name, const void *bytes, size_t n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", studio->folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file))
        rig_fail("cannot write %s", path);
}

void studio_copy(const struct studio *studio, const char *path, const char *name)
{
    char to[512], output[256];
    snprintf(to, sizeof to, "%s/%s", studio->folder, name);
    if (process_run((const char *const[]){"cp", path, to, NULL}, output, sizeof output) != 0)
        rig_fail("cannot copy %s: %s", path, output);
}

struct wav_header {
    char riff[4];
    uint32_t riff_bytes;
    char wave[8];
    uint32_t format_bytes;
    uint16_t format, channels; /* format 3: IEEE float */
    uint32_t rate_hz, bytes_per_s;
    uint16_t frame_bytes, sample_bits;
    char data[4];
    uint32_t data_bytes;
};

void studio_write_wav(const struct studio *studio, const char *name, const float *samples, unsigned n_frames,
                      unsigned channels)
{
    uint32_t bytes = n_frames * channels * 4, rate = studio->options.rate_hz;
    struct wav_header header = {
        .riff = "RIFF", .riff_bytes = bytes + 36, .wave = "WAVEfmt ", .format_bytes = 16, .format = 3};
    header.channels = (uint16_t)channels;
    header.rate_hz = rate;
    header.bytes_per_s = rate * channels * 4;
    header.frame_bytes = (uint16_t)(channels * 4);
    header.sample_bits = 32;
    memcpy(header.data, "data", 4);
    header.data_bytes = bytes;
    char *whole = malloc(sizeof header + bytes);
    if (!whole)
        rig_fail("no memory for %s", name);
    memcpy(whole, &header, sizeof header);
    memcpy(whole + sizeof header, samples, bytes);
    studio_write(studio, name, whole, sizeof header + bytes);
    free(whole);
}
