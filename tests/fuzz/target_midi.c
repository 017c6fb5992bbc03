/* Any bytes at all, as a standard MIDI file, and once more without their end: nothing outside them is read, and what is taken holds
 * together. */
#include <stdlib.h>
#include <string.h>

#include "graph/smf.h"
#include "graph/utf8.h"
#include "tests/fuzz/fuzz.h"

/* Bytes of an object for each byte of its file: an event takes two there, a track eight. */
#define GROWTH 24

static void check_events(const struct smf *smf)
{
    for (unsigned t = 0; t < smf->n_tracks; t++) {
        const struct smf_track *track = &smf->tracks[t];
        uint32_t tick = 0;
        for (uint32_t i = track->first_event; i < track->first_event + track->n_events; i++) {
            const struct smf_event *event = &smf->events[i];
            fuzz_expect(event->tick >= tick && event->track == t, "events of a track do not follow each other");
            fuzz_expect(event->status >= 0x80 && event->status < 0xf0 && event->data[0] < 0x80 && event->data[1] < 0x80,
                        "an event is no channel message");
            tick = event->tick;
        }
        fuzz_expect(tick <= track->end_tick, "a track ends before its last event");
        fuzz_expect(memchr(track->name, 0, SMF_NAME_BYTES) != NULL, "a name has no end");
        for (const char *at = track->name; *at; at += utf8_bytes((const uint8_t *)at))
            fuzz_expect(utf8_bytes((const uint8_t *)at) > 0, "a name is no UTF-8");
    }
}

static void check_sequence(const struct smf *smf, const struct smf_sequence *sequence)
{
    const struct smf_tempo *tempos = smf->tempos + sequence->first_tempo;
    uint64_t serials = 0, expected = 0;
    for (uint32_t i = 0; i < sequence->n_events; i++) {
        const struct smf_place *place = &smf->order[sequence->first_event + i];
        fuzz_expect(place->tick == smf->events[place->serial].tick, "an order points to another event");
        fuzz_expect(i == 0 || place[-1].tick < place->tick ||
                        (place[-1].tick == place->tick && place[-1].serial < place->serial),
                    "an order is none");
        serials += place->serial;
        expected += sequence->first_event + i;
    }
    fuzz_expect(serials == expected, "an order leaves events out");
    fuzz_expect(sequence->n_tempos && tempos[0].at.tick == 0 && tempos[0].units == 0, "a sequence has no first tempo");
    for (uint32_t i = 1; i < sequence->n_tempos; i++) {
        fuzz_expect(tempos[i - 1].at.tick < tempos[i].at.tick && tempos[i].units_per_tick, "tempos are not in their order");
        fuzz_expect(smf_units_of_tick(smf, sequence, tempos[i].at.tick - 1) + tempos[i - 1].units_per_tick ==
                        tempos[i].units,
                    "time jumps where a tempo begins");
    }
    for (uint32_t i = 0; i < sequence->n_meters; i++)
        fuzz_expect(smf->meters[sequence->first_meter + i].numerator, "a signature has no beats");
    fuzz_expect(smf_frame_of_tick(smf, sequence, sequence->end_tick, 768000) >= 0, "a piece ends before it begins");
}

static void parse(const uint8_t *bytes, size_t n)
{
    char warning[SMF_WARNING_BYTES];
    struct error error;
    error.code = 0;
    struct smf *smf = smf_parse(bytes, n, warning, &error);
    fuzz_expect(memchr(warning, 0, sizeof warning) != NULL, "a warning has no end");
    if (!smf) {
        fuzz_expect(error.code == ERROR_BAD_FILE || error.code == ERROR_TOO_BIG, "a refusal has no reason");
        return;
    }
    fuzz_expect(smf->bytes <= GROWTH * n + 256, "a file takes more memory than it may");
    check_events(smf);
    for (unsigned s = 0; s < smf->n_sequences; s++)
        check_sequence(smf, &smf->sequences[s]);
    free(smf);
}

/* Where the second is cut off follows from the first. */
static void run(const uint8_t *bytes, size_t n)
{
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++)
        n_left = 31 * n_left + bytes[i];
    n_left %= n + 1;
    uint8_t *cut = malloc(n_left + !n_left);
    memcpy(cut, bytes, n_left);
    parse(bytes, n);
    parse(cut, n_left);
    free(cut);
}

const struct fuzz_target midi_target = {"midi", FUZZ_MIDI, 0, run, NULL};
