/* One recorder and an audio thread in one thread: time passes when the test says so, also in the middle of a write.
 *
 *     recorder_rig.on = true;
 *     recorder_pass(48000);                                  one second; the disk keeps up
 *     recorder_rig.on = false;
 *     recorder_pass(1);
 *     recorder_check_take(0, from, 48000)                    what the first file holds
 *
 * Recording starts at frame FIRST_FRAME, in stereo at 48 kHz.
 */
#pragma once

#include "daemon/recorder_disk.h"
#include "tests/fake_disk.h"

#define FIRST_FRAME  1000
#define FOLDER_FILES 64
#define FOLDER_KEPT  ((uint64_t)48 << 20)

/* Files by age. */
struct folder {
    char path[FOLDER_FILES][64];
    struct fake_disk disk[FOLDER_FILES];
    unsigned n;
    unsigned n_existing;     /* of the names that come first */
    enum error_code refusal; /* of every new file */
    uint64_t capacity;       /* of each new file; 0: endless */
    uint64_t kept;           /* as for fake_disk_new */
};

struct recorder_rig {
    struct folder folder;
    struct recorder_store store;
    struct recorder *recorder;
    struct recording *recording; /* the recorder's */
    struct log *log;
    uint64_t now; /* engine time */
    bool on;
};

/* The one of this test; recorder_rig_open and recorder_rig_close are its fixture. */
extern struct recorder_rig recorder_rig;
void recorder_rig_open(void);
void recorder_rig_close(void);
/* Makes the recorder anew. */
void recorder_remake(enum sound_format format);
/* All that the log holds. */
const char *recorder_log(void);

/* Every sample says when it was played, and in which channel; none is silent. */
float recorder_sample(uint64_t frame, unsigned channel);
/* Time passes, and the disk thread sleeps. */
void recorder_play(uint64_t n_frames);
/* The disk thread writes what there is. */
void recorder_write_all(void);
/* Time passes, and the disk keeps up. */
void recorder_pass(uint64_t n_frames);

/* Take k holds n frames from engine time `from` on, each at its place or silent. Returns how many are silent. */
uint64_t recorder_check_take(unsigned k, uint64_t from, uint64_t n);
