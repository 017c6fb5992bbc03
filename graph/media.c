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
