#include "daemon/listen.h"

#include "graph/mutant.h"

#define DATAGRAM_COST_BYTES 832   /* of a small one in the kernel, its bookkeeping included (measured) */
#define BURST_DATAGRAMS     10000 /* sets of a value in a burst that shall pass whatever else is going on */

static struct net_options net_options_from(const struct options *options)
{
    struct net_options net = NET_OPTIONS_DEFAULT;
    const uint64_t *most = options->limits.most;
    const struct places *places = &options->places;
    net.n_places = places->n;
    for (unsigned i = 0; i < places->n; i++)
        net.places[i] = (struct net_place){places->addresses[i], places->roles[i]};
    net.port = (int)options->port;
    net.socket_path = *options->socket ? options->socket : NULL;
    net.receive_buffer_bytes = MUTANT_FLAW("small") ? 1 << 20 : (int)(most[LIMIT_BURST] << 10);
    net.udp_percent = (unsigned)most[LIMIT_UDP_SHARE];
    net.datagram_elements = (unsigned)most[LIMIT_ELEMENTS];
    net.stream_max_bytes = most[LIMIT_FRAME] << 10;
    net.queue_max_bytes = most[LIMIT_QUEUE] << 10;
    net.stall_ms = (unsigned)most[LIMIT_STALL];
    net.frame_ms = (unsigned)most[LIMIT_FRAME_TIME];
    net.gone_s = (unsigned)most[LIMIT_GONE];
    net.connections_max = (unsigned)most[LIMIT_CLIENTS];
    net.must_greet = options->token_file;
    return net;
}

/* A burst finds room in the kernel while this thread is busy elsewhere, or it is lost; each client takes a descriptor. */
static void check_room(const struct net_options *wished, const struct net_counters *granted, struct log *log)
{
    int datagrams = granted->receive_buffer_bytes / DATAGRAM_COST_BYTES;
    if (granted->receive_buffer_bytes && !MUTANT_FLAW("small") && datagrams < BURST_DATAGRAMS)
        log_put(log, LOG_WARNING,
                "the kernel keeps %d datagrams while dawd is busy, and loses the rest of a burst: raise net.core.rmem_max "
                "to %d",
                datagrams, wished->receive_buffer_bytes);
    if (granted->connections_max < wished->connections_max)
        log_put(log, LOG_WARNING, "%u connections instead of %u: the limit RLIMIT_NOFILE of descriptors leaves no more",
                granted->connections_max, wished->connections_max);
}

int listen_start(const struct options *options, struct log *log, struct net **net, struct error *error)
{
    struct net_options wished = net_options_from(options);
    char text[400];
    if (net_open(net, &wished, error))
        return (int)error->code;
    struct net_counters granted = net_count(*net);
    check_room(&wished, &granted, log);
    places_format(&options->places, text, sizeof text);
    log_put(log, LOG_INFO, "dawd %s: OSC on %s, port %d, socket %s", DAWD_VERSION, text, net_port(*net),
            wished.socket_path ? wished.socket_path : "none");
    return 0;
}
