#include "osc/json.h"

#include "graph/utf8.h"
#include "osc/word.h"

void json_string(const char *string, struct bytes *text)
{
    const uint8_t *at = (const uint8_t *)string;
    bytes_add_byte(text, '"');
    while (*at) {
        unsigned n = utf8_bytes(at);
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
