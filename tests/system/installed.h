/* What `make install` puts down, in the folder of a studio. Run from the top of the source tree. */
#pragma once

#include "tests/system/studio.h"

/* Opens a studio without programs and installs into it, with DESTDIR and PREFIX=/usr. */
struct studio *installed_open(void);
/* Runs `make TARGET` for the same place. */
void installed_make(const char *target);

/* DESTDIR, and DESTDIR/usr/PATH; buffers of the module, of the latter the last two are kept. */
const char *installed_root(void);
const char *installed_path(const char *path);

/* Runs a shell command, which must succeed; returns what it printed, in a buffer of the module. */
const char *installed_shell(const char *command);
/* The same, where the installed files are found in their places: laid over those of this machine. Its stderr too. */
const char *installed_in_place(const char *command);
