#include "osc/sync_text.h"

#include "graph/model.h"
#include "osc/text.h"
#include "osc/writer.h"

void sync_text(const struct sync *sync, struct bytes *text)
{
    struct writer line;
    struct bytes packet = {0};
    writer_init(&line);
    writer_string(&line, sync->source ? "midi" : sync->is_driver ? "jack" : "internal");
    if (sync->source)
        writer_string(&line, sync->source->name);
    if (writer_end(&line, "/transport/sync", &packet))
        text->failed = true;
    else
        text_format(packet.data, text);
    bytes_add_byte(text, '\n');
    bytes_deinit(&packet);
}
