/* Requests as no client in its right mind would send them: of the whole language, with arguments that are mostly nearly right.
 *
 *     wild_request     from the tables: a row, its arguments by its notation, a value's address, patterns, bundles in bundles
 *     wild_change      of a packet that there is: another argument, type, address or time, a message more or less
 *     wild_line        one line of text form, or of a session
 *
 * Whatever a table of the build holds comes up by itself: commands, nodes, parameters. The same seed makes the same requests.
 * Names are few, so that what one request makes the next one finds.
 */
#pragma once

#include <stdint.h>

#include "osc/bytes.h"
#include "osc/packet.h"
#include "osc/writer.h"

#define WILD_ELEMENTS_MAX 256 /* of what packet_check is to take */

/* Appends one packet, which is well-formed. */
DAWD_ANY void wild_request(uint32_t *seed, struct bytes *packet);

/* Appends a well-formed packet that differs from the well-formed one of n bytes in one place, or holds it and something else. */
DAWD_ANY void wild_change(uint32_t *seed, const uint8_t *packet, size_t n, struct bytes *changed);

/* Replaces a few of the n bytes, lengths and tags of strings among them; what comes of it need not be a packet. Returns how
 * many bytes are left of it. */
DAWD_ANY size_t wild_damage(uint32_t *seed, uint8_t *bytes, size_t n);

/* Appends one line of text form without its newline, most of which can be read. */
DAWD_ANY void wild_line(uint32_t *seed, struct bytes *line);

/* A number below n, for whoever has to choose between these. */
DAWD_ANY unsigned wild_below(uint32_t *seed, unsigned n);

/* ---- what they are made of ------------------------------------------------------------------------------------------ */

/* Writes an address: of a command, of a value, a pattern, or none at all. */
DAWD_ANY void wild_address(uint32_t *seed, char *address, size_t n);
/* Adds arguments for this address, as its row says where it has one, or nearly so. */
DAWD_ANY void wild_args(uint32_t *seed, const char *address, struct writer *writer);
/* Adds one argument of any type. */
DAWD_ANY void wild_arg(uint32_t *seed, struct writer *writer);
/* A time tag: none, past, soon, far. */
DAWD_ANY uint64_t wild_time(uint32_t *seed);
