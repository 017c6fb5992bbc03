/* Counted without atomics: the loader has handed the object over, and the audio thread neither takes nor gives back. */
#include "graph/media.h"

#include "graph/instrument.h"
#include "graph/smf_shared.h"

struct media *media_ref(struct media *media)
{
    if (media)
        media->references++;
    return media;
}

void media_unref(struct media *media)
{
    if (media && --media->references == 0)
        media->release(media);
}

size_t media_bytes(const struct media *media)
{
    if (!media)
        return 0;
    return (size_t)media->n_frames * media->channels * sizeof *media->samples + (media->midi ? media->midi->bytes : 0) +
           (media->instrument ? media->instrument->bytes : 0);
}

const char *media_kind_word(enum media_kind kind)
{
    static const char *const words[MEDIA_KINDS] = {[MEDIA_SOUND] = "sound",
                                                   [MEDIA_SOUND_OWN_RATE] = "sound",
                                                   [MEDIA_MIDI] = "MIDI",
                                                   [MEDIA_INSTRUMENT] = "instrument"};
    return words[kind];
}
