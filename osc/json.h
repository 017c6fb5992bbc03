/* JSON being written: what RFC 8259 asks for, whatever the text holds. */
#pragma once

#include "graph/thread.h"
#include "osc/bytes.h"

/* Appends a string in its quotes. Bytes that are no UTF-8, which a path may have, become U+FFFD. */
DAWD_ANY void json_string(const char *string, struct bytes *text);
/* Appends a finite number with the fewest digits that read back as the same float. */
DAWD_ANY void json_float(float value, struct bytes *text);
