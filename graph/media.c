/* Counted without atomics: the loader has handed the object over, and the audio thread neither takes nor gives back. */
#include "graph/media.h"

#include <stddef.h>

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
