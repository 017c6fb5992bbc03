#include "daemon/state_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/crash_mark.h"
#include "daemon/files_save.h"
#include "graph/mutant.h"
#include "osc/journal_file.h"

#define ASIDE_MOST 8
#define NAME_BYTES 32
#define USED_MARK  '+'
#define MODE       0700 /* it may hold what no session file has been told */

static int fail(const struct state_folder *folder, const char *name, enum error_code code, struct error *error)
{
    return error_set(error, code, "state folder \"%.200s\": %s: %s", folder->path, name, strerror(errno));
}

int state_folder_open(struct state_folder *folder, const char *path, struct error *error)
{
    *folder = (struct state_folder){.path = path, .fd = -1, .journal = -1, .starts = -1};
    if (mkdir(path, MODE) && errno != EEXIST)
        return fail(folder, "cannot be made", errno == ENOENT ? ERROR_NO_FILE : ERROR_DENIED, error);
    if (files_init(&folder->files, &path, 1, error))
        return (int)error->code;
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return fail(folder, "cannot be opened", ERROR_IO, error);
    if (flock(folder->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK
               ? error_set(error, ERROR_BUSY, "state folder \"%.200s\" belongs to another dawd that runs", path)
               : fail(folder, "cannot be locked", ERROR_IO, error);
}

void state_folder_close(struct state_folder *folder)
{
    if (folder->journal >= 0)
        close(folder->journal);
    crash_mark_to(-1);
    if (folder->starts >= 0)
        close(folder->starts);
    if (folder->fd >= 0)
        close(folder->fd);
    files_deinit(&folder->files);
    folder->fd = folder->journal = folder->starts = -1;
}

int state_folder_read(const struct state_folder *folder, const char *name, struct bytes *text, struct error *error)
{
    int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail(folder, name, errno == ENOENT ? ERROR_NO_FILE : ERROR_IO, error);
    int code = files_read_all(fd, text) ? fail(folder, name, ERROR_IO, error) : 0;
    close(fd);
    return text->failed ? error_set(error, ERROR_INTERNAL, "memory ran out for the state") : code;
}

static int put(struct state_folder *folder, const char *name, const struct bytes *text, struct error *error)
{
    struct saved_text saved = {(const char *)text->data, text->n, 0};
    return files_save(&folder->files, name, &saved, error);
}

/* ---- session and journal --------------------------------------------------------------------------------------------- */

static void journal_close(struct state_folder *folder)
{
    if (folder->journal >= 0)
        close(folder->journal);
    folder->journal = -1;
}

static int journal_open(struct state_folder *folder, struct error *error)
{
    journal_close(folder);
    folder->journal = openat(folder->fd, "journal", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    return folder->journal < 0 ? fail(folder, "journal", ERROR_IO, error) : 0;
}

int state_folder_put_journal(struct state_folder *folder, uint64_t sum, struct error *error)
{
    struct bytes head = {0};
    journal_close(folder);
    journal_file_begin(sum, &head);
    int code = head.failed ? error_set(error, ERROR_INTERNAL, "memory ran out for the journal")
                           : put(folder, "journal", &head, error);
    bytes_deinit(&head);
    return code ? code : journal_open(folder, error);
}

/* The name `session` is never missing: it gets a second name, and is then replaced. What fails here costs an older copy. */
static void keep_older(const struct state_folder *folder)
{
    int fd = folder->fd;
    renameat(fd, "session.1", fd, "session.2");
    linkat(fd, "session", fd, "session.1", 0);
}

int state_folder_put(struct state_folder *folder, const struct bytes *session, uint64_t sum, struct error *error)
{
    journal_close(folder);
    keep_older(folder);
    if (put(folder, "session", session, error))
        return (int)error->code;
    return state_folder_put_journal(folder, sum, error);
}

int state_folder_resume(struct state_folder *folder, size_t n, struct error *error)
{
    if (journal_open(folder, error))
        return (int)error->code;
    if (ftruncate(folder->journal, (off_t)n) == 0 && fsync(folder->journal) == 0)
        return 0;
    fail(folder, "journal", ERROR_IO, error);
    journal_close(folder);
    return (int)error->code;
}

/* After a failure nobody knows what of it is on the disk: an fsync that is tried again may say that all is well. */
int state_folder_add(struct state_folder *folder, const struct bytes *groups, struct error *error)
{
    int code;
    if (folder->journal < 0)
        return error_set(error, ERROR_IO, "state folder \"%.200s\": there is no journal", folder->path);
    if (!(code = files_write_all(folder->journal, groups->data, groups->n)))
        do
            code = MUTANT_FLAW("careless") ? 0 : fdatasync(folder->journal);
        while (code && errno == EINTR);
    if (!code)
        return 0;
    fail(folder, "journal", ERROR_IO, error);
    if (!MUTANT_FLAW("unshaken"))
        journal_close(folder);
    return (int)error->code;
}

/* ---- starts ---------------------------------------------------------------------------------------------------------- */

/* "1 0" and marks behind it. */
struct starts state_folder_starts(const struct state_folder *folder)
{
    struct bytes text = {0};
    struct error error;
    struct starts starts = {0};
    if (!state_folder_read(folder, "starts", &text, &error)) {
        bytes_add_byte(&text, '\0');
        const char *marks = text.failed ? "" : (const char *)text.data;
        bool is_used = strchr(marks, USED_MARK);
        if (sscanf(marks, "%u %u", &starts.crashes, &starts.kills) == 2)
            *(strchr(marks, CRASH_MARK) ? &starts.crashes : &starts.kills) += 1;
        if (is_used)
            starts.kills = 0;
    }
    bytes_deinit(&text);
    return starts;
}

int state_folder_put_starts(struct state_folder *folder, const struct starts *starts, struct error *error)
{
    struct bytes text = {0};
    bytes_print(&text, "%u %u\n", starts->crashes, starts->kills);
    int code = text.failed ? error_set(error, ERROR_INTERNAL, "memory ran out for the state")
                           : put(folder, "starts", &text, error);
    bytes_deinit(&text);
    folder->starts = code ? -1 : openat(folder->fd, "starts", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    crash_mark_to(folder->starts);
    return code;
}

void state_folder_mark_used(const struct state_folder *folder)
{
    const char mark = USED_MARK;
    if (folder->starts >= 0 && write(folder->starts, &mark, 1) != 1)
        return; /* it costs no more than a stair */
}

int state_folder_clear_starts(struct state_folder *folder, struct error *error)
{
    bool is_gone = unlinkat(folder->fd, "starts", 0) == 0 ? fsync(folder->fd) == 0 : errno == ENOENT;
    return is_gone ? 0 : fail(folder, "starts", ERROR_IO, error);
}

/* ---- aside ----------------------------------------------------------------------------------------------------------- */

/* The highest number of those that lie aside, or 0. */
static unsigned aside_newest(const struct state_folder *folder)
{
    int fd = openat(folder->fd, "aside", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    unsigned newest = 0;
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        unsigned number = (unsigned)strtoul(entry->d_name, NULL, 10);
        newest = number > newest ? number : newest;
    }
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return newest;
}

static void aside_name(char *name, unsigned number, const char *what)
{
    snprintf(name, NAME_BYTES, "aside/%04u.%s", number, what);
}

/* Whether the file is the beginning of that copy, or all of it. */
static bool lies_aside(const struct state_folder *folder, unsigned number, const char *what, const struct bytes *text)
{
    char name[NAME_BYTES];
    struct bytes copy = {0};
    struct error error;
    aside_name(name, number, what);
    bool has_copy = !state_folder_read(folder, name, &copy, &error);
    bool is_same = has_copy ? copy.n >= text->n && (!text->n || memcmp(copy.data, text->data, text->n) == 0) : !text->n;
    bytes_deinit(&copy);
    return is_same;
}

static int aside_put(struct state_folder *folder, unsigned number, const char *what, const struct bytes *text,
                     struct error *error)
{
    char name[NAME_BYTES];
    if (number > ASIDE_MOST) {
        aside_name(name, number - ASIDE_MOST, what);
        unlinkat(folder->fd, name, 0);
    }
    aside_name(name, number, what);
    return text->n ? put(folder, name, text, error) : 0;
}

int state_folder_put_aside(struct state_folder *folder, unsigned *number, struct error *error)
{
    struct bytes session = {0}, journal = {0};
    struct error none;
    unsigned newest = aside_newest(folder);
    int code = 0;
    *number = newest;
    state_folder_read(folder, "session", &session, &none);
    state_folder_read(folder, "journal", &journal, &none);
    bool is_there =
        newest && lies_aside(folder, newest, "session", &session) && lies_aside(folder, newest, "journal", &journal);
    if (!is_there && (session.n || journal.n)) {
        if (mkdirat(folder->fd, "aside", MODE) && errno != EEXIST)
            code = fail(folder, "aside", ERROR_IO, error);
        *number = newest + 1;
        if (!code && !(code = aside_put(folder, *number, "session", &session, error)))
            code = aside_put(folder, *number, "journal", &journal, error);
    }
    bytes_deinit(&session);
    bytes_deinit(&journal);
    return code;
}
