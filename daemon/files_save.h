/* Replacing a file as one step: whoever reads it, and whenever the power fails, finds the old one or the new one whole.
 *
 *     new file beside it -> write -> fsync -> rename over the old one -> fsync of the folder
 */
#pragma once

#include "daemon/files.h"
#include "graph/host.h"

/* Writes the text to a path that is resolved as files_open_folder does. 0 when it is safe on the disk. Otherwise the old file
 * is as it was, no other is left behind, and *error says:
 *   as files_open_folder; DENIED  the file there is a link, or begins with other bytes than text->n_head asks for; permission
 *   BAD_FILE  there is something that is no regular file        IO  the disk is full, or fails
 * Only when the last fsync fails, the new file is in its place, and IO says that it may not survive a power failure. May wait
 * for the disk. */
DAWD_LOAD int files_save(const struct files *files, const char *path, const struct saved_text *text, struct error *error);

/* All of it, however often the kernel takes only a part. 0, or -1 with errno. */
DAWD_LOAD int files_write_all(int fd, const void *bytes, size_t n_bytes);
