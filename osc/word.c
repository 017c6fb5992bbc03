#include "osc/word.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimal digits that any float (double) survives from text and back, and those that it needs the other way round. */
enum { FLOAT_SURE = 6, FLOAT_ENOUGH = 9, DOUBLE_SURE = 15, DOUBLE_ENOUGH = 17 };

/* Floats are written with the fewest digits that read back as the same bits, and the same rule tells f from d when they are
 * read: a decimal is f when it is just what some float would be written as (0.1, 440.0), and d when the float that is
 * nearest to it would be written otherwise (0.1234567890123). So what is written as f is read as f. */

/* ---- decimals ------------------------------------------------------------------------------------------------------ */

/* printf's "-d.ddde+xx", taken apart: value = 0.digits * 10^(exponent + 1). */
struct decimal {
    char digits[DOUBLE_ENOUGH + 1];
    int n_digits; /* trailing zeros removed, at least 1 */
    int exponent; /* of the first digit */
    bool negative;
};

static struct decimal decimal_read(const char *text)
{
    struct decimal decimal = {.negative = *text == '-'};
    const char *e = strchr(text, 'e');
    for (text += decimal.negative; text < e; text++)
        if (*text != '.')
            decimal.digits[decimal.n_digits++] = *text;
    while (decimal.n_digits > 1 && decimal.digits[decimal.n_digits - 1] == '0')
        decimal.n_digits--;
    decimal.exponent = atoi(e + 1);
    return decimal;
}

/* The shortest decimal that reads back as `value` (of the subnormal ones, at least a short one). The first try has so few digits that no other decimal as short can
 * mean the same value: with its trailing zeros removed it is the shortest. Each further try has one digit more. */
static struct decimal decimal_of_float(float value)
{
    char text[32];
    for (int n = FLOAT_SURE; n <= FLOAT_ENOUGH; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return decimal_read(text);
}

static struct decimal decimal_of_double(double value)
{
    char text[32];
    for (int n = DOUBLE_SURE; n <= DOUBLE_ENOUGH; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return decimal_read(text);
}

/* Written out where that reads well, otherwise with an exponent; either way with a point or an e in it. */
static void decimal_write(const struct decimal *decimal, struct bytes *text)
{
    const char *digits = decimal->digits;
    int n = decimal->n_digits, exponent = decimal->exponent, whole = exponent + 1;
    if (decimal->negative)
        bytes_add_byte(text, '-');
    if (exponent < -5 || exponent > 14)
        bytes_print(text, "%c%s%.*se%d", digits[0], n > 1 ? "." : "", n - 1, digits + 1, exponent);
    else if (exponent < 0)
        bytes_print(text, "0.%.*s%.*s", -whole, "00000", n, digits);
    else if (n <= whole)
        bytes_print(text, "%.*s%.*s.0", n, digits, whole - n, "000000000000000");
    else
        bytes_print(text, "%.*s.%.*s", whole, digits, n - whole, digits + whole);
}

static double decimal_value(const struct decimal *decimal)
{
    char text[48];
    snprintf(text, sizeof text, "%s%.*se%d", decimal->negative ? "-" : "", decimal->n_digits, decimal->digits,
             decimal->exponent + 1 - decimal->n_digits);
    return strtod(text, NULL);
}

/* Whether a float says all that the decimal says: the shortest decimal of the nearest float is the same number. */
static bool float_is_enough(const char *word)
{
    float value = strtof(word, NULL);
    if (!isfinite(value))
        return false;
    struct decimal shortest = decimal_of_float(value);
    return decimal_value(&shortest) == strtod(word, NULL);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

enum kind { INTEGER, LONG, REAL, DOUBLE, TRUTH, RAW, STRING };

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* The length of the number at the start of the word; 0 when there is none. */
static size_t number_length(const char *word, bool *real)
{
    const char *at = word + (*word == '+' || *word == '-');
    size_t whole = digits_at(at), part = at[whole] == '.' ? digits_at(at + whole + 1) : 0;
    if (!whole && !part)
        return 0;
    *real = at[whole] == '.';
    at += whole + *real + part;
    if (*at == 'e' || *at == 'E') {
        size_t sign = at[1] == '+' || at[1] == '-', n = digits_at(at + 1 + sign);
        *real |= n > 0;
        at += n ? 1 + sign + n : 0;
    }
    return (size_t)(at - word);
}

/* By hand and not by strtod, which also takes hex, inf, nan and what the locale makes of a point: those are strings, and
 * may be names of nodes. */
static enum kind kind_of(const char *word)
{
    bool real = false;
    size_t n = number_length(word, &real);
    if (n && !word[n])
        return real ? REAL : INTEGER;
    if (n && !word[n + 1] && word[n] == (real ? 'd' : 'h'))
        return real ? DOUBLE : LONG;
    if (strcmp(word, "T") == 0 || strcmp(word, "F") == 0)
        return TRUTH;
    return word[0] == '%' && word[1] && word[2] == ':' ? RAW : STRING;
}

static int parse_integer(const char *word, enum kind kind, struct writer *writer, struct error *error)
{
    errno = 0;
    long long value = strtoll(word, NULL, 10);
    if (kind == LONG && errno == ERANGE)
        return error_set(error, ERROR_RANGE, "%.64s does not fit 64 bits", word);
    if (kind == INTEGER && (errno == ERANGE || value != (int32_t)value))
        return error_set(error, ERROR_RANGE, "%.64s does not fit 32 bits: with h behind it, it would be a 64-bit integer",
                         word);
    if (kind == LONG)
        writer_long(writer, value);
    else
        writer_int(writer, (int32_t)value);
    return 0;
}

static int parse_real(const char *word, enum kind kind, struct writer *writer, struct error *error)
{
    double value = strtod(word, NULL);
    if (!isfinite(value))
        return error_set(error, ERROR_RANGE, "%.64s is beyond the largest number, 1.8e308", word);
    /* Not (float)value: rounding twice, by way of double, can miss the nearest float. */
    if (kind == REAL && float_is_enough(word))
        writer_float(writer, strtof(word, NULL));
    else
        writer_double(writer, value);
    return 0;
}

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static bool unhex(const char *hex, struct bytes *bytes)
{
    for (; *hex; hex += 2) {
        if (hex_digit(hex[0]) < 0 || hex_digit(hex[1]) < 0)
            return false;
        bytes_add_byte(bytes, (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
    }
    return true;
}

/* The bytes become the one argument of a message, so that the check of packets decides whether they are one. */
static bool raw_message(const char *word, struct bytes *data, struct bytes *message)
{
    static const char zeros[4];
    char tag = word[1], head[8] = {'/', 0, 0, 0, ',', tag};
    bool is_text = tag == 's' || tag == 'S', is_padded = is_text || tag == 'b';
    if (!unhex(word + 3, data) || (is_text && data->n && memchr(data->data, 0, data->n)))
        return false;
    bytes_add(message, head, sizeof head);
    if (tag == 'b')
        bytes_add_u32(message, (uint32_t)data->n);
    bytes_add(message, data->data, data->n);
    if (is_text)
        bytes_add_byte(message, 0);
    bytes_add(message, zeros, is_padded ? -message->n % 4 : 0);
    return !message->failed && !data->failed;
}

static int parse_raw(const char *word, struct writer *writer, struct error *error)
{
    struct bytes data = {0}, message = {0};
    struct arg arg;
    int failed = !raw_message(word, &data, &message) || packet_check(message.data, message.n, 0, error);
    if (failed) {
        failed = error_set(error, ERROR_BAD_VALUE, "%.64s is not the bytes of an argument of type %c in hex%s", word,
                           word[1], word[1] == 'r' ? ": r cannot be written" : "");
    } else {
        struct message at = message_read(message.data);
        if (message_next(&at, &arg))
            writer_arg(writer, &arg);
    }
    bytes_deinit(&data);
    bytes_deinit(&message);
    return failed;
}

/* Removes the quotes and escapes of a word that starts with a quote. */
static int unquote(const char *word, struct bytes *text, struct error *error)
{
    const char *at = word + 1;
    for (; *at && *at != '"'; at++) {
        const char *escape = *at == '\\' ? strchr("\"\\n", at[1]) : NULL;
        if (*at == '\\' && (!escape || !*escape))
            return error_set(error, ERROR_BAD_VALUE, "in %.64s a backslash stands before other than \" \\ or n", word);
        bytes_add_byte(text, (uint8_t)(!escape ? *at : *escape == 'n' ? '\n' : *escape));
        at += escape != NULL;
    }
    if (!*at)
        return error_set(error, ERROR_BAD_VALUE, "the quote at the start of %.64s is not closed", word);
    if (at[1])
        return error_set(error, ERROR_BAD_VALUE, "%.64s goes on behind its closing quote", word);
    bytes_add_byte(text, 0);
    return text->failed ? error_set(error, ERROR_INTERNAL, "memory ran out") : 0;
}

static int parse_quoted(const char *word, struct writer *writer, struct error *error)
{
    struct bytes text = {0};
    int failed = unquote(word, &text, error);
    if (!failed)
        writer_string(writer, (const char *)text.data);
    bytes_deinit(&text);
    return failed;
}

int word_parse_bare(const char *word, struct writer *writer, struct error *error)
{
    enum kind kind = kind_of(word);
    if (*word == '"')
        return parse_quoted(word, writer, error);
    if (kind == INTEGER || kind == LONG)
        return parse_integer(word, kind, writer, error);
    if (kind == REAL || kind == DOUBLE)
        return parse_real(word, kind, writer, error);
    if (kind == RAW)
        return parse_raw(word, writer, error);
    if (kind == TRUTH)
        writer_bool(writer, *word == 'T');
    else
        writer_string(writer, word);
    return 0;
}

int word_parse(const char *word, struct writer *writer, struct error *error)
{
    if (*word != '"' && strchr(word, '"'))
        return error_set(error, ERROR_BAD_VALUE, "%.64s holds a quote: quotes stand around a whole word, inside as \\\"",
                         word);
    return word_parse_bare(word, writer, error);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static void write_hex(struct bytes *text, char tag, const void *data, size_t n)
{
    bytes_print(text, "%%%c:", tag);
    for (size_t i = 0; i < n; i++)
        bytes_print(text, "%02x", ((const uint8_t *)data)[i]);
}

static void write_raw(const struct arg *arg, struct bytes *text)
{
    uint32_t four = htobe32(arg->tag == 'c' ? (uint32_t)arg->c : arg->r);
    uint64_t eight = htobe64(arg->t);
    switch (arg->tag) {
    case 's':
    case 'S':
    case 'b':
        write_hex(text, arg->tag, arg->b, arg->n_bytes);
        break;
    case 'm':
        write_hex(text, arg->tag, arg->m, 4);
        break;
    case 't':
    case 'd':
        write_hex(text, arg->tag, &eight, 8);
        break;
    case 'N':
    case 'I':
        write_hex(text, arg->tag, NULL, 0);
        break;
    default:
        write_hex(text, arg->tag, &four, 4);
    }
}

static void write_quoted(const char *string, struct bytes *text)
{
    bytes_add_byte(text, '"');
    for (; *string; string++) {
        if (*string == '"' || *string == '\\' || *string == '\n')
            bytes_add_byte(text, '\\');
        bytes_add_byte(text, *string == '\n' ? 'n' : (uint8_t)*string);
    }
    bytes_add_byte(text, '"');
}

/* Tabs and newlines have a place in labels and notes; the rest could play tricks on a terminal. */
static bool has_control(const char *string)
{
    for (; *string; string++)
        if (iscntrl((unsigned char)*string) && *string != '\n' && *string != '\t')
            return true;
    return false;
}

static void write_string(const struct arg *arg, struct bytes *text)
{
    if (has_control(arg->s))
        write_raw(arg, text);
    else if (!*arg->s || strpbrk(arg->s, " \t\n\"") || kind_of(arg->s) != STRING)
        write_quoted(arg->s, text);
    else
        bytes_add(text, arg->s, arg->n_bytes);
}

/* A double that f could hold needs its d, or it would come back as a float. */
static void write_real(const struct arg *arg, struct bytes *text)
{
    bool is_float = arg->tag == 'f';
    double value = is_float ? (double)arg->f : arg->d;
    if (!isfinite(value)) {
        write_raw(arg, text);
        return;
    }
    struct decimal decimal = is_float ? decimal_of_float(arg->f) : decimal_of_double(value);
    struct bytes word = {0};
    decimal_write(&decimal, &word);
    bytes_add(text, word.data, word.n);
    bytes_add_byte(&word, 0);
    if (!is_float && word.data && float_is_enough((const char *)word.data))
        bytes_add_byte(text, 'd');
    text->failed |= word.failed;
    bytes_deinit(&word);
}

void word_format(const struct arg *arg, struct bytes *text)
{
    switch (arg->tag) {
    case 'i':
        bytes_print(text, "%d", arg->i);
        break;
    case 'h':
        bytes_print(text, "%lldh", (long long)arg->h);
        break;
    case 'f':
    case 'd':
        write_real(arg, text);
        break;
    case 'T':
    case 'F':
        bytes_add_byte(text, (uint8_t)arg->tag);
        break;
    case 's':
        write_string(arg, text);
        break;
    default:
        write_raw(arg, text);
    }
}
