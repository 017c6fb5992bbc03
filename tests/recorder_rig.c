#include "tests/recorder_rig.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE       48000
#define CHANNELS   2
#define BLOCK      256
#define TEXT_BYTES 4096

struct recorder_rig recorder_rig;

static int create(void *self, const char *path, struct media_io *io, struct error *error)
{
    struct folder *in = self;
    if (in->refusal)
        return error_set(error, in->refusal, "refused \"%s\"", path);
    if (in->n_existing) {
        in->n_existing--;
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists", path);
    }
    ck_assert_uint_lt(in->n, FOLDER_FILES);
    snprintf(in->path[in->n], sizeof in->path[0], "%s", path);
    in->disk[in->n] = fake_disk_new(in->kept);
    in->disk[in->n].capacity = in->capacity ? in->capacity : UINT64_MAX;
    *io = fake_disk_io(&in->disk[in->n++]);
    return 0;
}

void recorder_remake(enum sound_format format)
{
    struct recording_spec spec = {"take", format, CHANNELS, RATE, false};
    recorder_rig.recorder = recorder_new(&spec, &recorder_rig.store, recorder_rig.log);
    ck_assert_ptr_nonnull(recorder_rig.recorder);
    recorder_rig.recording = &recorder_rig.recorder->recording;
}

void recorder_rig_open(void)
{
    recorder_rig.folder = (struct folder){.kept = FOLDER_KEPT};
    recorder_rig.store = (struct recorder_store){&recorder_rig.folder, create};
    recorder_rig.log = log_new(-1, LOG_DEBUG);
    recorder_rig.now = FIRST_FRAME;
    recorder_rig.on = false;
    recorder_remake(SOUND_RF64_FLOAT);
}

void recorder_rig_close(void)
{
    atomic_store(&recorder_rig.recorder->released, true);
    recorder_write_all();
    recorder_free(recorder_rig.recorder);
    log_free(recorder_rig.log);
    for (unsigned i = 0; i < recorder_rig.folder.n; i++)
        fake_disk_free(&recorder_rig.folder.disk[i]);
}

static void add_line(void *self, const struct log_line *line)
{
    char *text = self;
    size_t n = strlen(text);
    snprintf(text + n, TEXT_BYTES - n, "%s: %s\n", log_level_name(line->level), line->text);
}

const char *recorder_log(void)
{
    static char text[TEXT_BYTES];
    *text = '\0';
    log_tail(recorder_rig.log, 100, add_line, text);
    return text;
}

/* ---- sound ---------------------------------------------------------------------------------------------------------- */

/* Every sample says when it was played, and in which channel; none is silent. */
float recorder_sample(uint64_t frame, unsigned channel)
{
    return (float)(2 * frame + 1 + channel);
}

void recorder_play(uint64_t n_frames)
{
    float channel[CHANNELS][BLOCK];
    for (uint64_t done = 0, n; done < n_frames; done += n, recorder_rig.now += n) {
        n = n_frames - done < BLOCK ? n_frames - done : BLOCK;
        for (unsigned c = 0; c < CHANNELS; c++)
            for (unsigned i = 0; i < n; i++)
                channel[c][i] = recorder_sample(recorder_rig.now + i, c);
        recording_run_rt(recorder_rig.recording, recorder_rig.on, (const float *const[]){channel[0], channel[1]}, 0,
                         (unsigned)n, recorder_rig.now);
    }
}

void recorder_write_all(void)
{
    while (recorder_turn(recorder_rig.recorder) == RECORDER_HAS_MORE)
        ;
}

/* Time passes, and the disk keeps up. */
void recorder_pass(uint64_t n_frames)
{
    for (uint64_t done = 0, n; done < n_frames; done += n) {
        n = n_frames - done < 960 ? n_frames - done : 960;
        recorder_play(n);
        recorder_write_all();
    }
}

/* What take k holds: frames from `from` recorder_rig.on, some of them silent. Returns how many are. */
uint64_t recorder_check_take(unsigned k, uint64_t from, uint64_t n)
{
    float *frames = malloc((n + 1) * CHANNELS * sizeof *frames);
    uint64_t n_silent = 0, n_wrong = 0;
    ck_assert_uint_lt(k, recorder_rig.folder.n);
    ck_assert_int_eq(fake_disk_claimed(&recorder_rig.folder.disk[k]), (int64_t)n);
    ck_assert_int_eq(fake_disk_read(&recorder_rig.folder.disk[k], 0, frames, (int64_t)n + 1), (int64_t)n);
    for (uint64_t i = 0; i < n; i++) {
        bool is_silent = frames[2 * i] == 0 && frames[2 * i + 1] == 0;
        n_silent += is_silent;
        n_wrong += !is_silent &&
                   (frames[2 * i] != recorder_sample(from + i, 0) || frames[2 * i + 1] != recorder_sample(from + i, 1));
    }
    ck_assert_msg(n_wrong == 0, "take %u: %llu frames are not at their place", k, (unsigned long long)n_wrong);
    free(frames);
    return n_silent;
}
