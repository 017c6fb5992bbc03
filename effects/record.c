/* Records what it is given into a sound file, frame by frame.
 *
 *     in -> (while `on`) -> six seconds of room -> disk thread -> NAME.wav, NAME-2.wav, ...
 *
 * A take is as long as the switch was on, to the frame. Nothing is played through: what is recorded is connected here besides
 * where it is heard, and so the recorder is never part of a sound's way. The samples are taken as they come, without fades:
 * an edit of the graph before it fades by itself.
 */
#include "graph/node.h"

#include "graph/disk.h"
#include "graph/dsp/run.h"
#include "graph/rt_only.h"

enum { SINK, FORMAT, ON };
enum { RECORDING, RECORDED, LOST, FAILED };

static const struct param_info params[] = {
    [SINK] = {"file", "", "The first take's file, which must not exist; later takes are called NAME-2, NAME-3, ….",
              .kind = PARAM_SINK, .flags = PARAM_REBUILD},
    [FORMAT] = {"format", "", "What is written: rf64 is WAV of any length, 16 bits are dithered.", sound_format_names, 0,
                N_SOUND_FORMATS - 1, SOUND_RF64_FLOAT, .kind = PARAM_CHOICE, .flags = PARAM_FIXED},
    [ON] = {"on", "", "Switched on, begins a new take; switched off, ends it.", NULL, 0, 1, 0, .kind = PARAM_SWITCH,
            .flags = PARAM_TRANSIENT},
};

static const struct port_info inputs[] = {{"in", "The sound to record.", 0}};

static const struct reading_info readings[] = {
    [RECORDING] = {"recording", "", "1 while a take runs."},
    [RECORDED] = {"recorded", "s", "How much of the newest take is in its file."},
    [LOST] = {"lost", "frames",
              "Frames of the newest take that are silent since the disk was too slow, or an xrun has left them out; the "
              "log says which."},
    [FAILED] = {"failed", "", "1 when the newest take has come to an end because the disk failed; the log says why."},
};

struct record {
    struct recording *recording; /* null: there is no disk */
    const struct disk_service *disk;
    double rate_hz;
};

static int record_init(void *state, const struct node_init *init, struct error *error)
{
    struct record *record = state;
    *record = (struct record){.disk = init->disk, .rate_hz = init->rate_hz};
    if (!init->disk)
        return 0;
    if (!init->texts || !init->texts[SINK])
        return error_set(error, ERROR_BAD_TYPE, "record needs a file to write: file PATH");
    struct recording_spec spec = {.path = init->texts[SINK],
                                  .format = (enum sound_format)init->param[FORMAT],
                                  .channels = init->channels,
                                  .rate_hz = init->rate_hz,
                                  .again = init->again};
    return init->disk->record(init->disk->self, &spec, &record->recording, error);
}

static void record_deinit(void *state)
{
    struct record *record = state;
    if (record->recording)
        record->disk->release(record->disk->self, record->recording);
}

static void record_process(void *state, const struct node_io *io)
{
    const struct record *record = state;
    struct recording *recording = record->recording;
    if (!recording)
        return;
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = run_length(&io->param[ON], i, io->n);
        recording_run_rt(recording, param_at(&io->param[ON], i) > 0, io->in, i, run, io->frame + i);
    }
    uint64_t in_file = atomic_load_explicit(&recording->in_file, memory_order_relaxed);
    reading_set(io, RECORDING, recording_is_on_rt(recording));
    reading_set(io, RECORDED, (float)((double)in_file / record->rate_hz));
    reading_set(io, LOST, (float)recording->lost);
    reading_set(io, FAILED, recording_has_failed_rt(recording));
}

const struct node_class record_node = {
    .name = "record",
    .help = "Records what it is given into a sound file.",
    .params = params,
    .inputs = inputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_readings = ROWS(readings),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .state_bytes = sizeof(struct record),
    .init = record_init,
    .deinit = record_deinit,
    .process = record_process,
};
