/* Names that try to lead out of the one root of a daemon, and the folders that they are about.
 *
 *     FOLDER/outside/  s.dawd sound.wav   what nobody may reach
 *     FOLDER/inner/    the root: links, pipes, sockets, devices, and honest files
 */
#pragma once

#include <stdbool.h>

#include "tests/system/studio.h"

#define HOSTILE_BYTES 5000 /* of the longest name, with its zero */

/* Makes the folders beneath that of the studio, and writes the root's path to `root`. */
void hostile_folders_make(const struct studio *studio, char *root, size_t n);
/* Name i of the list, or null behind its end; a buffer of the module. */
const char *hostile_name(const struct studio *studio, unsigned i);
/* Whether what lies outside is as it was made, and nothing else has come. */
bool hostile_outside_is_whole(const struct studio *studio);
