/* Opening files that clients name: only regular files beneath the roots, whatever the name tries; and the one file that was
 * named on the command line.
 *
 * The kernel resolves each name beneath a root (openat2): "..", links and /proc's magic links cannot lead out, and a change
 * of the folders during the resolution cannot either. The roots themselves are trusted: links on the way to them are
 * followed once, at the start.
 */
#pragma once

#include "graph/error.h"
#include "graph/thread.h"

struct bytes;

#define FILES_ROOTS_MAX 16

/* One folder, opened at the start: what it is named later, or whether it is moved, makes no difference. */
struct files_root {
    char *given; /* absolute, in the spelling of the command line */
    char *real;  /* absolute, without links */
    int fd;
};

/* Immutable after files_init and files_trust: any thread may open files with it. */
struct files {
    struct files_root roots[FILES_ROOTS_MAX];
    unsigned n_roots;
    char *trusted_given; /* a file that may be opened by this name wherever it lies; or null */
    char *trusted_real;  /* absolute, without links */
};

/* Opens the folders (borrowed; n of 1..FILES_ROOTS_MAX). 0, or NO_FILE, BAD_FILE (not a folder), TOO_BIG, IO or INTERNAL with
 * nothing to undo. */
DAWD_CTL int files_init(struct files *files, const char *const *folders, unsigned n, struct error *error);
DAWD_CTL void files_deinit(struct files *files);
/* Lets one more file be read and saved, by exactly this name: whoever starts the program may name any. Links on the way to it
 * are followed now. 0, or NO_FILE, IO, INTERNAL. */
DAWD_CTL int files_trust(struct files *files, const char *path, struct error *error);

/* Opens a regular file for reading and returns its descriptor, which the caller closes; -1 with *error filled otherwise.
 * A relative path is looked for beneath each root in turn; an absolute one must start with a root in either spelling.
 * Causes: BAD_VALUE (empty, or a control character), NO_FILE, DENIED (outside the roots, a link, no permission), BAD_FILE
 * (a folder, pipe, socket or device), IO. Never waits for a pipe's other end. */
DAWD_ANY int files_open(const struct files *files, const char *path, struct error *error);
/* Appends all that it has to give. 0, or -1 with errno; that memory ran out shows in text->failed. */
DAWD_ANY int files_read_all(int fd, struct bytes *text);
/* Opens the folder of a file that is to be written, which the caller closes; *name is the file's name in it, borrowed from
 * `path` or from `files`. Of several roots, the first that has the file, else the first that has the folder. -1 with *error otherwise, as
 * files_open; BAD_VALUE also for a name that ends in a slash, "." or "..". The file itself is not looked at. */
DAWD_ANY int files_open_folder(const struct files *files, const char *path, const char **name, struct error *error);
