/* What a node is: the one interface between the engine and everything that makes or changes sound.
 *
 * A node is one file in effects/ or synth/ that ends in its only external symbol, `const struct node_class NAME_node`
 * (the file is NAME.c). The build lists the folders into the registry; addresses, help, range checks and contract
 * tests follow from the tables.
 *
 * What the engine promises to `process`, and therefore no node has to check:
 *  - parameters arrive clamped to their range, finite, in their unit, already gliding along their curve;
 *  - an unconnected input is silence, never null; `in[c]` and `out[c]` may be the same buffer, no others overlap
 *    (two inputs may share one buffer when a mono signal feeds both);
 *  - inputs may hold anything that a float can hold, also NaN; n is 1..BLOCK_MAX and differs from call to call;
 *  - state was zeroed before `init`; process is never concurrent with itself; denormals are flushed to zero;
 *  - all buffers are aligned to 64 bytes, but where a voice begins in the middle of a block.
 *
 * What a node promises: bounded time, no memory but its own state, every output frame written, the same output for any
 * division of time into blocks.
 */
#pragma once

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/arena.h"
#include "graph/error.h"
#include "graph/event.h"
#include "graph/media.h"
#include "graph/music.h"
#include "graph/thread.h"
#include "graph/voice_shared.h"

#define BLOCK_MAX         256   /* frames that one call of process can ask for */
#define PORT_CHANNELS_MAX 8     /* channels of one port */
#define LANES             16    /* alike nodes that may run side by side */
#define LANES_LEAST       4     /* fewer are quicker one after the other */
#define SLEEP_LEVEL       1e-8f /* what is below is silence: -160 dB */

/* ---- parameters ---------------------------------------------------------------------------------------------------- */

/* What a value may be. Choices, switches and integers travel as whole floats; they change at once, for nothing lies
 * between two of their values. */
enum param_kind {
    PARAM_CONTINUOUS, /* glides, and is a modulation input */
    PARAM_CHOICE,     /* one of `choices`; the value is its index */
    PARAM_SWITCH,     /* 0 or 1 */
    PARAM_INTEGER,
    PARAM_FILE, /* a path to be read, as `reads` says: text in the model, a media object at init; has no value here */
    PARAM_SINK, /* a path to be written: text in the model and at init; has no value here */
};

/* The way from one value to another, and what modulation adds. */
enum param_curve {
    CURVE_LINEAR, /* glides are straight in the unit, modulation adds in the unit */
    CURVE_LOG,    /* glides are straight in octaves, modulation adds octaves; min > 0 */
};

/* A parameter with one of the first two flags never changes in a node's life: init sees the value that there will be. A set
 * later is refused (fixed), or puts another node in its place, crossfaded (rebuild). */
enum param_flag {
    PARAM_FIXED = 1,     /* it is part of what the node is */
    PARAM_REBUILD = 2,   /* memory or latency hangs on it: a file */
    PARAM_TRANSIENT = 4, /* of the moment, so no part of a session: a recording that runs */
    PARAM_PLAYERS = 8,   /* of the keyboard and not of the sound: presets leave it as it is */
    PARAM_NEEDED = 16,   /* of a file: nothing is heard without */
    PARAM_PLAYS = 32,    /* of a switch: it plays that file */
};

/* Whether the value is chosen when the node is made. */
#define PARAM_AT_CREATION (PARAM_FIXED | PARAM_REBUILD)

/* A row of a parameter table: the address, the help, the range and the glide of one parameter follow from it. What is
 * said to be "per row" elsewhere is an array in the order of this table. */
struct param_info {
    /* What clients are told. */
    const char *name;           /* [a-z][a-z0-9_]*; disjoint from the class's port names */
    const char *unit;           /* "Hz", "dB", "s", "ms", "cents", "" where it has none */
    const char *help;           /* one sentence for a musician */
    const char *const *choices; /* PARAM_CHOICE: names that start with a letter, null at the end */
    /* What values it takes, and how long it takes to the next one. */
    float min, max, initial; /* in the unit; choice: 0 and count - 1 */
    float glide_s;           /* seconds that a set without a glide time takes (continuous only); 0: at once */
    enum param_kind kind;
    enum param_curve curve;
    unsigned flags;        /* of enum param_flag */
    unsigned step;         /* integer: it is a multiple of this; 0: of 1 */
    unsigned number;       /* of a numbered row (gain3): 3, see node_class.numbered_by; 0: it is always there */
    enum media_kind reads; /* file: what as */
};

/* Whether it is the path of a file, which has a text in place of a value. */
DAWD_ANY static inline bool param_is_path(const struct param_info *param)
{
    return param->kind == PARAM_FILE || param->kind == PARAM_SINK;
}

/* One parameter during one block: a constant (frames null), or one value per frame. There is no shape for a ramp: the bits of
 * value + step * i would depend on where the block begins. */
struct param {
    const float *frames; /* n values, borrowed for the call; or null */
    float value;         /* at frame 0, in either shape */
    uint32_t ticks;      /* of the note value that it is at any tempo, 960 to the quarter; 0: it is none, or is modulated */
};

/* Whether `value` alone says it all for this block. A glide that has arrived is a constant from the next block on. */
DAWD_RT static inline bool param_is_constant(const struct param *param)
{
    return !param->frames;
}

/* The value at frame i. */
DAWD_RT static inline float param_at(const struct param *param, unsigned i)
{
    return param->frames ? param->frames[i] : param->value;
}

/* ---- ports and readings -------------------------------------------------------------------------------------------- */

/* A row of a table of inputs or outputs. Channels are counted through all ports of a direction: where the first input is
 * two wide, in[2] is the first channel of the second. */
struct port_info {
    const char *name; /* "in", "out", "sidechain"; disjoint from the class's parameter names */
    const char *help;
    unsigned channels; /* 1..PORT_CHANNELS_MAX; 0: as many as the node has (`channels` at creation) */
    unsigned number;   /* of a numbered row (in3): 3, see node_class.numbered_by; 0: it is always there */
    bool events;       /* it carries notes and controllers and no sound; one input and one output of a class at most */
};

/* How many channels of sound a port has on a node with `channels`. */
DAWD_ANY static inline unsigned port_info_channels(const struct port_info *port, unsigned channels)
{
    return port->events ? 0 : port->channels ? port->channels : channels;
}

/* Row of the port of a table that carries events; n_ports: there is none. */
DAWD_ANY static inline unsigned port_info_of_events(const struct port_info *ports, unsigned n_ports)
{
    unsigned row = 0;
    while (row < n_ports && !ports[row].events)
        row++;
    return row;
}

/* A value that the node measures and anyone may read: written by process, read by control. A float whatever it counts, so
 * whole numbers beyond 2^24 arrive rounded. */
struct reading_info {
    const char *name; /* disjoint from parameters and ports */
    const char *unit;
    const char *help;
    float initial; /* until process first writes it */
};

/* ---- the life of a node -------------------------------------------------------------------------------------------- */

struct disk_service;
struct loudness_service;
struct midi_port;
struct stock;
struct stream_service;

/* What init gets. All pointers are borrowed for the call, but media and services, which stay valid for the node's
 * life. */
struct node_init {
    struct arena *arena;              /* memory that lives as long as the node */
    double rate_hz;                   /* frames per second of the engine, constant for the node's life */
    unsigned channels;                /* of the ports whose width is 0 in the table */
    const float *param;               /* initial value per row of the parameter table */
    const struct media *const *media; /* per row: what the file of a PARAM_FILE was read as, or null */
    char *const *texts;               /* per row: the path of a PARAM_FILE or PARAM_SINK, or null; null: no paths at all */
    const struct disk_service *disk;  /* where sound can be written to; null: nowhere */
    uint32_t *latency_frames; /* to be written by a node whose output is later than its input, by how much: on a grid
                                         of whole frames, the same for its life; 0 unless written */
    unsigned voice;           /* inside of voices: which one of them, from 0; elsewhere 0 */
    bool again;               /* it is there already, at another rate or in a session that is loaded, or was before an
                                         undo: the state of the world, such as a file it has made, is no mistake of a client */
    const struct loudness_service *loudness; /* who measures loudness; null: nobody */
    const struct stream_service *streams;    /* who reads sounds while they play; null: nobody */
    struct stock *stock;                     /* what nodes share (graph/stock.h); null: each makes its own */
};

/* What process gets, valid for the call. Of all this a node writes only `out`, the device channels or the messages of an
 * output node, and its readings. What every node looks at comes first, for the cache. */
struct node_io {
    const float *const *in;    /* channels of all input ports, in the order of the table */
    float *const *out;         /* channels of all output ports, in the order of the table */
    const struct param *param; /* one per row of the parameter table; rows of paths are unused */
    uint64_t frame;            /* engine time of frame 0 */
    unsigned n;                /* frames, 1..BLOCK_MAX */
    uint32_t wired;            /* bit p: input port p (row of the table) has a cable; for who listens elsewhere otherwise */
    float *const *device;      /* device_input and device_output: the sound card's channels for this block, or null
                                    where there is none; the array is never null for these */
    struct midi_port *midi; /* of a MIDI device: the messages of the cycle (graph/midi_port.h); null where it has no port */
    uint32_t midi_at;       /* the block's first frame, in those of the cycle */
    _Atomic float *readings;         /* one per row of the readings table; use reading_set */
    const struct music *music;       /* where the piece is; never null */
    const struct event_list *events; /* what comes in at the input of events; null where the class has none */
    struct event_list *events_out;   /* empty, to be filled by event_put; likewise; of a container one per voice */
    struct event_list *told;  /* as events: what control is to hear of (graph/heard.h); null unless the class tells */
    struct voice_slot *slots; /* of a container: one per voice */
    struct voice_slot *voice; /* inside of a container: the voice that it is part of; elsewhere null */
    bool *fault;              /* for fault_tell */
    bool *silent;             /* for silence_tell */
    /* Of channels all of whose frames are the first one (graph/dsp/still.h). */
    const bool *const *still_in; /* per channel of in: whether it is one; null unless the class takes_still */
    bool *still_out;             /* per channel of out; likewise: gives_still */
    uint32_t may_be_still;       /* bit c: who hears channel c of out takes it so */
};

/* Whether an output channel is the one before it, which has been written. Of a class that is_memoryless. */
DAWD_RT static inline bool channel_repeats(const struct node_io *io, unsigned c)
{
    return c && io->out[c] == io->out[c - 1];
}

/* Publishes a reading. Relaxed: who reads several may see some of this block and some of the one before. */
DAWD_RT static inline void reading_set(const struct node_io *io, unsigned row, float value)
{
    atomic_store_explicit(&io->readings[row], value, memory_order_relaxed);
}

/* Tells the engine that this node gives what is no number, or had to take it for silence: an edge of the graph, or one that
 * sees it in its own state. The others are looked at by the engine. */
DAWD_RT static inline void fault_tell(const struct node_io *io)
{
    if (io->fault)
        *io->fault = true;
}

/* Alike nodes in one block: of one class, with the same channels and the same values of all that is chosen at creation. The
 * same n and frame for all. */
struct lane_group {
    void *state[LANES];
    const struct node_io *io[LANES];
    unsigned n;           /* 1..LANES */
    float (*room)[LANES]; /* LANES_ROOM rows of anything, aligned to 64 bytes; the class's for the call */
};

#define LANES_ROOM (2 * BLOCK_MAX)

/* Tells the engine that all outputs are silence during this block: they need not be written, and who hears nothing else
 * may sleep. For nodes that would give zeros: a player that stands, a sound card that brings nothing. */
DAWD_RT static inline void silence_tell(const struct node_io *io)
{
    if (io->silent)
        *io->silent = true;
}

/* Whether a class stands between the graph and the sound card. Its device ports have numbers that stay the same as long
 * as the node lives (graph/device.h). */
enum node_device {
    DEVICE_NONE,
    DEVICE_INPUT,  /* owns JACK input ports, one per channel */
    DEVICE_OUTPUT, /* owns JACK output ports, one per channel */
    DEVICE_MIDI_INPUT,
    DEVICE_MIDI_OUTPUT, /* own one for MIDI, of either direction */
};

/* Whether its ports give to the outside. */
DAWD_ANY static inline bool node_device_gives(enum node_device device)
{
    return device == DEVICE_OUTPUT || device == DEVICE_MIDI_OUTPUT;
}

DAWD_ANY static inline bool node_device_is_midi(enum node_device device)
{
    return device >= DEVICE_MIDI_INPUT;
}

/* What a class has to say to sleep: a node that hears silence and gives silence is not run any more until it hears
 * something, or one of its values is set (graph/sleep_rt.h). All of it for the audio thread; null: nothing to do. The sound must
 * not depend on it: silence leaves `rest`, and zeros from there on give zeros and change nothing. */
struct node_sleep {
    bool can; /* silence in is silence out, sooner or later: generators, and whatever adds a constant, never sleep. With
                 events: no node sleeps while a note of it is on */
    /* After a cell of about 256 frames (n, exactly that where bits count) with silence in and less than SLEEP_LEVEL out, the
     * last `quiet` frames having been so: whether nothing is left inside. Null: so it is. A delay looks whether its line is
     * empty, a filter how much it still holds. */
    DAWD_RT bool (*settled)(void *state, unsigned n, uint64_t quiet);
    /* Clears what is left below SLEEP_LEVEL. Short: a long line must be empty by itself. */
    DAWD_RT void (*rest)(void *state);
    /* Behind rest, of who was stopped in the middle of a sound, for another one: nothing of what was is heard any more. As short:
     * a long line forgets, and is written only as it is used (delay_line_hush). Null: rest leaves nothing. */
    DAWD_RT void (*clear)(void *state);
    /* Of who has no inputs but one of events: whether a block without events and values that move would change nothing, and give none.
     * Then it is not run until there are some. Null: it would. */
    DAWD_RT bool (*stands)(const void *state);
    /* It wakes, and so many frames have passed: what is free-running goes there, to the bit where it can. Also of who never sleeps by
     * itself, for it may be part of a voice that rests. */
    DAWD_RT void (*skip)(void *state, uint64_t frames);
};

/* A sound of an instrument that is ready to be played. */
struct preset {
    const char *name;   /* as that of a parameter */
    const char *help;   /* one sentence for a musician */
    const char *values; /* as in /graph/add: "cutoff 900.0 wave1 saw"; all that is not named is as it is initially */
};

/* What a container has inside of it from the beginning. */
struct node_inside {
    const char *name, *type;
    bool is_fed; /* the first output of the container leads to its first input */
};

/* A type of node: a constant, and the only thing of its file that others see. What is left out is zero and means:
 * none. */
struct node_class {
    /* How clients name it in /graph/add, [a-z][a-z0-9_]*, and what they are told of it in one sentence. */
    const char *name;
    const char *help;
    /* The tables, n_x rows each. All names in them differ: "lp:NAME" as a port and /node/lp/NAME as a value mean one
     * thing. */
    const struct param_info *params;
    const struct port_info *inputs;
    const struct port_info *outputs;
    const struct reading_info *readings;
    unsigned n_params, n_inputs, n_outputs, n_readings;
    const struct preset *presets; /* for clients, and for program changes, by their order */
    unsigned n_presets;
    bool tells; /* what is played from outside: control hears of what process puts into io->told */
    /* The width of those ports whose row says 0. */
    unsigned channels;     /* unless chosen: 1 for generators and control, 2 for effects */
    unsigned channels_max; /* 0: `channels` cannot be chosen */
    /* Of numbered rows (in1, gain1, in2, …) a node has as many as a parameter says. Rows with a higher number are not there
     * for anyone: no port, no channel in `in` or `out`, no address. */
    unsigned numbered_by; /* 1 + row of that parameter, an integer with PARAM_FIXED; 0: no row is numbered */
    /* A container: the nodes whose names begin with its name are there once per voice (graph/voice_shared.h). */
    unsigned voices_by; /* 1 + row of the parameter that says how many, an integer with PARAM_FIXED; 0: it is none */
    unsigned empty_by;  /* 1 + row of the switch, with PARAM_FIXED, with which it begins without what is in this table */
    const struct node_inside *inside;
    unsigned n_inside;
    /* Inside of one: once it sleeps, nothing is to be heard of its voice any more. It gives what it hears while that is plain and not
     * measured, and is not run where it would only copy. */
    bool ends_voices;
    enum node_device device;
    struct node_sleep sleeps;
    /* Its outputs are numbers as long as its inputs are, however large, or it says fault_tell: else every block of it is
     * checked. */
    bool finite;
    /* It looks whether an input is still, and then at its first frame only; it has outputs that stand still, is `finite` then, and
     * tells no fault (graph/dsp/still.h). */
    bool takes_still, gives_still;
    /* A frame of an output channel is made of the same frame of the same channel of the only input, and of values: so where all channels
     * that it hears are one signal, as a mono source is, all that it gives are one, and one buffer (channel_repeats). */
    bool is_memoryless;
    /* Bypassed, its input is taken away and what rings is heard; at most PORT_CHANNELS_MAX channels of inputs. Otherwise it
     * fades to the dry signal. */
    bool trails;
    uint32_t
        warm_frames; /* that it hears, back from a bypass in which it stood still, before it is heard: look-ahead, attack */
    size_t state_bytes; /* of what init and process get: zeroed, aligned to ARENA_ALIGN_BYTES */
    /* Prepares zeroed state: coefficients, tables and lines from the arena. Before the audio thread knows of the node.
     * 0, or ERROR_INTERNAL when memory ran out, or another code with *error filled; nothing to undo then. Null: nothing to do. */
    DAWD_CTL int (*init)(void *state, const struct node_init *init, struct error *error);
    /* Gives back what init took besides the arena's memory, which goes by itself. After the audio thread has forgotten the
     * node, once for each init that succeeded. Null: nothing to do. */
    DAWD_CTL void (*deinit)(void *state);
    /* One block of sound, by the promises at the head of this page. */
    DAWD_RT void (*process)(void *state, const struct node_io *io);
    /* The same for several at once, none of which hears another one: to the bit what `process` of each would do. Which of them
     * it does pass on to `process` is its own business. Null: there is nothing to gain. */
    DAWD_RT void (*process_lanes)(const struct lane_group *lanes);
};

/* Rows of a table, which must be an array and not a pointer to one. */
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Whether a node with these values (per row) has the row of this number; every node has those of number 0. */
DAWD_ANY static inline bool node_class_has(const struct node_class *class, const float *values, unsigned number)
{
    return !number || number <= (unsigned)values[class->numbered_by - 1];
}

/* What every node has besides the parameters of its class: it is set, read and kept like one, under the row behind theirs. */
extern const struct param_info node_bypass;

/* The parameter of a row, up to n_params itself. */
DAWD_ANY static inline const struct param_info *node_class_row(const struct node_class *class, unsigned row)
{
    return row < class->n_params ? &class->params[row] : &node_bypass;
}

/* Every class of the build, sorted by name: generated from the listing of effects/ and synth/. */
extern const struct node_class *const node_registry[];
extern const unsigned n_node_registry;

/* The class with this name, or null. */
DAWD_ANY const struct node_class *node_class_find(const char *name);
/* Whether it writes files. */
DAWD_ANY bool node_class_writes(const struct node_class *class);
