/* What the daemon has recorded, as other programs find it. */
#pragma once

#include <sndfile.h>
#include <stdbool.h>

#include "tests/system/studio.h"

/* Path of a file in the studio's folder; one of two buffers of the module in turn. */
const char *takes_path(const struct studio *studio, const char *name);
/* The file's frames, interleaved, malloc'd: as many as it claims, which is all that can be read, or the test ends. */
float *takes_read(const struct studio *studio, const char *name, SF_INFO *info);
/* Frames that sox finds in each of n files (at most 16); false without sox. */
bool takes_sox(const struct studio *studio, char names[][64], unsigned n, long long *frames);

/* A parameter or reading of a node now; and whether it reaches a value within the time. */
double takes_reading(struct studio *studio, const char *node, const char *name);
bool takes_reach(struct studio *studio, const char *node, const char *name, double value, double timeout_s);
