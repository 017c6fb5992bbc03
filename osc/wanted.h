/* What a request needs from the disk: its run asks, the loader brings, the next run finds it.
 *
 *     run     call_media a, b, c     none is there: all are noted, and the run goes on as a rehearsal
 *             rolled back
 *     load    a, b, c to the loader  all at once; the request is parked until the last of them is over
 *     run     call_media a, b, c     there, or why not
 */
#pragma once

#include "graph/host.h"
#include "graph/map.h"

struct request;

#define WANTED_MAX 4096 /* files of one request */

/* One file of a request, and how its load has ended. */
struct wanted_file {
    char *path;              /* as the packet or the session spells it; owned */
    struct request *request; /* parked, from the load on */
    enum media_kind kind;    /* that it is read as; of a text nothing */
    struct loaded loaded;    /* of media: their reference is the request's, nodes take their own */
    char *text;              /* of a text file: owned, null until it is there */
    size_t n_text;
    bool is_text;
    bool is_asked; /* the loader knows of it, or has brought it */
    struct wanted_file *next;
};

/* All files of a request. An all-zero struct is none. */
struct wanted {
    struct wanted_file *first, *last; /* in the order in which they were asked for */
    struct wanted_file *text;         /* among them, the one that is text; or null */
    struct map media[MEDIA_KINDS];    /* the others by path, for each kind */
    unsigned n_files;
    unsigned n_missing; /* noted by the last run */
    unsigned n_loading; /* with the loader */
    void (*done)(struct request *request);
};

/* Hands what is missing to the loader, for a parked request; `done` is called when the last file is over. What the loader
 * refuses is kept like a file: the next run meets it. False when nothing is on its way, so that the request can run on. */
DAWD_CTL bool wanted_load(struct request *request, void (*done)(struct request *request));
/* Frees all, when nothing is loading. */
DAWD_CTL void wanted_deinit(struct wanted *wanted);
