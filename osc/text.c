/* One pass from left to right, word by word. The column of a complaint is that of the word, not of the byte within it: a
 * word is short, and its text stands in the complaint. */
#include "osc/text.h"

#include <string.h>

#include "osc/packet.h"
#include "osc/word.h"
#include "osc/writer.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* What is known while a line is read. */
struct line {
    const char *start, *at, *end; /* the line, and what has been read of it */
    struct bytes word;            /* the current word, terminated */
    const char *word_at;          /* where it starts in the line */
    struct error *error;
};

static int fail(struct line *line, int code, const char *text)
{
    return error_set(line->error, (enum error_code)code, "column %zu: %.480s", (size_t)(line->word_at - line->start) + 1,
                     text);
}

/* The end of the word at `at`: the next space, but one in quotes, which a backslash does not close, is part of it. */
static const char *word_end(const char *at, const char *end)
{
    bool quoted = *at == '"';
    for (at += quoted; at < end && (quoted || !is_space(*at)); at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = false;
    }
    return at;
}

/* Moves on to the next word; false at the end of the line or when memory ran out. */
static bool next_word(struct line *line)
{
    while (line->at < line->end && is_space(*line->at))
        line->at++;
    if (line->at == line->end)
        return false;
    line->word_at = line->at;
    line->at = word_end(line->at, line->end);
    bytes_clear(&line->word, SIZE_MAX);
    bytes_add(&line->word, line->word_at, (size_t)(line->at - line->word_at));
    bytes_add_byte(&line->word, 0);
    return !line->word.failed;
}

static int parse_args(struct line *line, struct writer *writer)
{
    struct error error;
    while (next_word(line)) {
        int code = word_parse((const char *)line->word.data, writer, &error);
        if (code)
            return fail(line, code, error.text);
    }
    return line->word.failed ? fail(line, ERROR_INTERNAL, "memory ran out") : 0;
}

static int parse_message(struct line *line, struct bytes *packet)
{
    char address[PACKET_ADDRESS_MAX_BYTES + 1]; /* the word's memory is used again for the arguments */
    struct writer writer;
    struct error error;
    int code = address_check((const char *)line->word.data, &error);
    if (code)
        return fail(line, code, error.text);
    memcpy(address, line->word.data, line->word.n);
    writer_init(&writer);
    code = parse_args(line, &writer);
    if (code) {
        writer_deinit(&writer);
        return code;
    }
    return writer_end(&writer, address, packet) ? fail(line, ERROR_INTERNAL, "memory ran out") : 0;
}

/* Alone on its line, so that [ and ] stay free for arrays and patterns everywhere else. */
static int parse_mark(struct line *line, enum text_line mark, enum text_line *kind)
{
    *kind = mark;
    if (next_word(line))
        return fail(line, ERROR_BAD_VALUE, "a bracket stands alone on its line");
    return 0;
}

static int parse_line(struct line *line, enum text_line *kind, struct bytes *packet)
{
    *kind = TEXT_NOTHING;
    const char *zero = memchr(line->start, 0, (size_t)(line->end - line->start));
    if (zero) {
        line->word_at = zero;
        return fail(line, ERROR_BAD_VALUE, "a zero byte is no text");
    }
    if (!next_word(line))
        return line->word.failed ? fail(line, ERROR_INTERNAL, "memory ran out") : 0;
    const char *word = (const char *)line->word.data;
    if (*word == '#')
        return 0;
    if (strcmp(word, "[") == 0 || strcmp(word, "]") == 0)
        return parse_mark(line, *word == '[' ? TEXT_OPEN : TEXT_CLOSE, kind);
    *kind = TEXT_MESSAGE;
    return parse_message(line, packet);
}

int text_parse(const char *text, size_t n, enum text_line *kind, struct bytes *packet, struct error *error)
{
    n -= n && text[n - 1] == '\r';
    struct line line = {.start = text, .at = text, .end = text + n, .word_at = text, .error = error};
    int code = parse_line(&line, kind, packet);
    bytes_deinit(&line.word);
    return code;
}

void text_format(const uint8_t *bytes, struct bytes *line)
{
    struct message message = message_read(bytes);
    struct arg arg;
    bytes_add(line, message.address, strlen(message.address));
    while (message_next(&message, &arg)) {
        bytes_add_byte(line, ' ');
        word_format(&arg, line);
    }
}
