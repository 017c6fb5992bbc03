/* The text form of one message, read for a test. */
#pragma once

#include <lo/lo.h>
#include <stddef.h>

/* Reads `/address argument…` (client.h tells the forms); the address is copied out, the message is the caller's to free.
 * A line that is no message ends the test. */
lo_message line_parse(const char *line, char *address, size_t address_bytes);
