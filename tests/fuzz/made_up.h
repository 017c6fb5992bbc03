/* A sound card and a disk that are not there: ports are there one look after they were wished for, and so are the connections with the few
 * ports of other programs that there are; what is recorded is forgotten. */
#pragma once

#include "graph/device.h"
#include "graph/disk.h"

#define MADE_UP_CABLES     64
#define MADE_UP_RECORDINGS 3 /* at one time: each takes a megabyte */

struct made_up {
    struct device_service device; /* what the graph is given */
    struct disk_service disk;
    uint64_t n_wishes, n_fulfilled;
    struct device_port ports[DEVICE_PORTS_MAX];
    unsigned n_ports;
    struct device_cable cables[MADE_UP_CABLES];
    unsigned n_cables;
    unsigned n_recordings;
};

DAWD_CTL void made_up_init(struct made_up *made_up);
/* Fulfils what was wished for. */
DAWD_CTL void made_up_look(struct made_up *made_up);
