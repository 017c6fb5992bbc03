#include "daemon/disk_news.h"

#include "osc/server.h"

void disk_news_init(struct disk_news *news)
{
    pthread_mutex_init(&news->lock, NULL);
    news->first = news->n = 0;
}

void disk_news_deinit(struct disk_news *news)
{
    pthread_mutex_destroy(&news->lock);
}

void disk_news_put(struct disk_news *news, const struct disk_note *note)
{
    if (!news)
        return;
    pthread_mutex_lock(&news->lock);
    if (news->n == DISK_NOTES_MAX) {
        news->first = (news->first + 1) % DISK_NOTES_MAX;
        news->n--;
    }
    news->notes[(news->first + news->n++) % DISK_NOTES_MAX] = *note;
    pthread_mutex_unlock(&news->lock);
}

bool disk_news_take(struct disk_news *news, struct disk_note *note)
{
    pthread_mutex_lock(&news->lock);
    bool is_any = news->n > 0;
    if (is_any) {
        *note = news->notes[news->first];
        news->first = (news->first + 1) % DISK_NOTES_MAX;
        news->n--;
    }
    pthread_mutex_unlock(&news->lock);
    return is_any;
}

static void note_send(struct server *server, const struct disk_note *note)
{
    static const char *const words[] = {
        [DISK_TAKE_BEGUN] = "begun", [DISK_TAKE_ENDED] = "ended", [DISK_TAKE_FAILED] = "failed"};
    struct writer args;
    writer_init(&args);
    if (note->kind != DISK_IN_NEED)
        writer_string(&args, words[note->kind]);
    writer_string(&args, note->file);
    if (note->kind != DISK_IN_NEED) {
        writer_long(&args, (int64_t)note->n_frames);
        writer_double(&args, note->seconds);
    }
    writer_string(&args, note->text);
    event_send(server, note->kind == DISK_IN_NEED ? EVENT_DISK : EVENT_RECORD, &args);
}

void disk_news_tell(struct disk_news *news, struct server *server)
{
    struct disk_note note;
    while (disk_news_take(news, &note))
        note_send(server, &note);
}
