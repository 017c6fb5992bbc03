/* What a file is for the nodes: decoded sound, the events of a MIDI file. The daemon's loader makes it; the graph only borrows.
 *
 * A media object is immutable and complete once anyone but its maker can see it. It is shared by reference count between
 * the control thread's objects; the audio thread reads it through a node that holds one reference.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

/* What a file is read as, and so which part of the object holds it. The row of a parameter says which (param_info.reads); to
 * add one is a word here, a part below, and a reader in daemon/host.c. */
enum media_kind {
    MEDIA_SOUND,          /* resampled to the engine's rate */
    MEDIA_SOUND_OWN_RATE, /* as it is in the file */
    MEDIA_MIDI,           /* a standard MIDI file */
    MEDIA_INSTRUMENT,     /* an SFZ text with all its sounds, or one sound for all keys */
    MEDIA_KINDS,
};

struct smf;
struct instrument;

struct media {
    /* Sound: what is heard. */
    float *samples; /* interleaved, n_frames * channels, finite, nominally -1..1; touched, so that reading never faults */
    uint64_t n_frames;   /* at rate_hz */
    unsigned channels;   /* 1 or more */
    double rate_hz;      /* the engine's rate when it was loaded, which may have changed since: players compensate; or
                            file_rate_hz */
    double file_rate_hz; /* the rate of the file, before resampling */
    /* Who keeps it. The maker hands it over with one reference. */
    unsigned references;                  /* control thread only, after loading */
    void (*release)(struct media *media); /* frees everything; called when the last reference goes */
    enum media_kind kind;
    struct smf *midi;              /* MIDI: what is played; one block of malloc */
    struct instrument *instrument; /* INSTRUMENT: zones and their sounds */
};

/* A file that is wanted. */
struct media_wish {
    const char *path;
    enum media_kind kind;
    double rate_hz; /* of the engine */
};

/* Takes or gives back one reference. Both accept null; the last one given back frees the object. No reference is counted
 * on the audio thread: what it reads is held by the object of a node, which outlives every plan that the node is in. */
DAWD_CTL struct media *media_ref(struct media *media);
DAWD_CTL void media_unref(struct media *media);

/* Memory that it takes; null: none. */
DAWD_ANY size_t media_bytes(const struct media *media);
/* "sound", "MIDI", "instrument": what people call such a file. */
DAWD_ANY const char *media_kind_word(enum media_kind kind);
