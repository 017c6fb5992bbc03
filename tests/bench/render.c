/* Renders a session without a sound card, as fast as the machine goes: the ordinary language builds an ordinary graph in an
 * ordinary engine, and the offline driver turns it.
 *
 *     render SESSION SECONDS OUT     OUT: 32-bit floats of `out`, two channels interleaved, 48 kHz, no header
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/offline.h"
#include "osc/server.h"
#include "osc/text.h"

#define RATE_HZ  48000
#define PERIOD   256
#define CHANNELS 2
#define LINE_MAX 4096

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "render: %s: %s\n", what, why);
    exit(1);
}

static int hear(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct bytes line = {0};
    (void)self, (void)peer, (void)n;
    if (strcmp(message_read(bytes).address, "/fail") == 0) {
        text_format(bytes, &line);
        bytes_add_byte(&line, '\0');
        fail("refused", (const char *)line.data);
    }
    return 0;
}

static void log_line(void *self, bool is_failure, const char *text)
{
    (void)self, (void)is_failure, (void)text;
}

static void session_read(struct server *server, const char *path)
{
    static const struct peer peer = {.kind = PEER_STREAM, .stream = 1};
    char line[LINE_MAX];
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path, "cannot be read");
    while (fgets(line, sizeof line, file)) {
        struct bytes packet = {0};
        struct error error = {0};
        enum text_line kind;
        if (text_parse(line, strcspn(line, "\n"), &kind, &packet, &error))
            fail(line, error.text);
        if (kind == TEXT_MESSAGE)
            request_arrive(server, &peer, packet.data, packet.n);
        bytes_deinit(&packet);
    }
    fclose(file);
}

static void write_block(FILE *out, float *const *ports, unsigned n)
{
    float frames[PERIOD][CHANNELS];
    for (unsigned i = 0; i < n; i++)
        for (unsigned c = 0; c < CHANNELS; c++)
            frames[i][c] = ports[c][i];
    if (fwrite(frames, sizeof *frames, n, out) != n)
        fail("the output", "cannot be written");
}

static void render(struct ctl *ctl, unsigned first_port, uint64_t n_frames, FILE *out)
{
    static struct offline offline;
    if (offline_init(&offline, ctl, first_port + CHANNELS, PERIOD))
        fail("offline driver", "memory ran out");
    for (uint64_t done = 0; done < n_frames; done += PERIOD) {
        ctl_poll(ctl);
        offline_cycle(&offline, PERIOD);
        write_block(out, offline.ports + first_port, PERIOD);
    }
    offline_deinit(&offline);
}

int main(int argc, char **argv)
{
    struct host host = {.log = log_line};
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    struct server *server = ctl ? server_new(ctl, NULL, &host, "render") : NULL;
    FILE *out = argc == 4 ? fopen(argv[3], "wb") : NULL;
    if (!out)
        fail("usage", "render SESSION SECONDS OUT");
    if (!server || ctl_add_fixtures(ctl, &error))
        fail("start", "memory ran out");
    server->sender = (struct sender){NULL, hear};
    session_read(server, argv[1]);
    render(ctl, model_find(&ctl->model, "out")->device_first, (uint64_t)atoi(argv[2]) * RATE_HZ, out);
    fclose(out);
    ctl_free(ctl);
    server_free(server);
}
