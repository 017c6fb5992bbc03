#include "osc/json.h"

#include <string.h>

#include "osc/word.h"

/* Length of the UTF-8 character that the text begins with: 0 when it is none. As the Unicode Standard's table of well-formed
 * sequences (3-7) has it: not longer than needed, no surrogates, nothing beyond U+10FFFF. */
static unsigned character_bytes(const uint8_t *at)
{
    uint8_t first = at[0];
    unsigned n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    for (unsigned i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80) /* the terminator too */
            return 0;
    bool is_long = (first == 0xe0 && at[1] < 0xa0) || (first == 0xf0 && at[1] < 0x90);
    bool is_beyond = (first == 0xed && at[1] > 0x9f) || (first == 0xf4 && at[1] > 0x8f);
    return is_long || is_beyond ? 0 : n;
}

void json_string(const char *string, struct bytes *text)
{
    const uint8_t *at = (const uint8_t *)string;
    bytes_add_byte(text, '"');
    while (*at) {
        unsigned n = character_bytes(at);
        if (*at == '"' || *at == '\\')
            bytes_add_byte(text, '\\');
        if (n == 0)
            bytes_print(text, "\\ufffd");
        else if (*at < ' ')
            bytes_print(text, "\\u%04x", *at);
        else
            bytes_add(text, at, n);
        at += n ? n : 1;
    }
    bytes_add_byte(text, '"');
}

void json_float(float value, struct bytes *text)
{
    word_format(&(struct arg){.tag = 'f', .f = value}, text);
}
