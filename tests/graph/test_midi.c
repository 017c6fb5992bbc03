/* MIDI bytes and events: every message there is, and bytes of no sense. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/midi.h"
#include "graph/node.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

/* Per status the number of data bytes, written down from the specification once more. */
static int length_of(unsigned status)
{
    if (status < 0xf0)
        return status < 0xc0 || status >= 0xe0 ? 3 : 2;
    return status == 0xf2 ? 3 : status == 0xf1 || status == 0xf3 ? 2 : status == 0xf6 || status >= 0xf8 ? 1 : 0;
}

static bool is_undefined(unsigned status)
{
    return status == 0xf9 || status == 0xfd || status == 0xf4 || status == 0xf5 || status == 0xf0 || status == 0xf7;
}

/* Whether a message of a channel is read, and written as it was, or as an off in another word. */
static bool comes_back(const uint8_t *bytes)
{
    struct midi_message message, back;
    struct event event;
    int n = length_of(bytes[0]);
    if (!midi_read(bytes, (size_t)n, &message) || !midi_to_event(&message, &event) || !midi_from_event(&event, &back) ||
        event.channel != (bytes[0] & 0xf))
        return false;
    if (bytes[0] >> 4 == 9 && !bytes[2])
        return event.kind == EVENT_NOTE_OFF && back.bytes[0] == (0x80 | (bytes[0] & 0xf)) && back.bytes[1] == bytes[1];
    return back.n == n && memcmp(back.bytes, bytes, back.n) == 0;
}

START_TEST(every_message_of_a_channel_comes_back_from_its_event_as_it_was)
{
    for (unsigned status = 0x80; status < 0xf0; status++)
        for (unsigned a = 0; a < 128; a++)
            for (unsigned b = 0; b < (length_of(status) == 3 ? 128u : 1u); b++) {
                uint8_t bytes[] = {(uint8_t)status, (uint8_t)a, (uint8_t)b};
                if (!comes_back(bytes)) /* each assertion is a write to libcheck */
                    ck_abort_msg("%02x %02x %02x", status, a, b);
            }
}
END_TEST

START_TEST(a_bend_reaches_both_ends_and_its_middle_is_none)
{
    struct event event;
    midi_to_event(&(struct midi_message){3, {0xe0, 0, 0}}, &event);
    ck_assert(event.value == -1.0f);
    midi_to_event(&(struct midi_message){3, {0xe0, 0, 0x40}}, &event);
    ck_assert(event.value == 0.0f);
    midi_to_event(&(struct midi_message){3, {0xe0, 0x7f, 0x7f}}, &event);
    ck_assert(event.value == 1.0f);
}
END_TEST

START_TEST(what_lies_between_two_numbers_goes_to_the_nearest_and_no_note_becomes_an_off)
{
    struct midi_message message;
    midi_from_event(&(struct event){.kind = EVENT_NOTE_ON, .note = 60.4f, .value = 0.01f}, &message);
    ck_assert_mem_eq(message.bytes, ((uint8_t[]){0x90, 60, 1}), 3);
    midi_from_event(&(struct event){.kind = EVENT_NOTE_ON, .note = 60.6f, .value = 99.5f}, &message);
    ck_assert_mem_eq(message.bytes, ((uint8_t[]){0x90, 61, 100}), 3);
    midi_from_event(&(struct event){.kind = EVENT_CONTROL, .number = 7, .value = NAN}, &message);
    ck_assert_mem_eq(message.bytes, ((uint8_t[]){0xb0, 7, 0}), 3);
    midi_from_event(&(struct event){.kind = EVENT_BEND, .value = NAN}, &message);
    ck_assert_mem_eq(message.bytes, ((uint8_t[]){0xe0, 0, 0x40}), 3);
    midi_from_event(&(struct event){.kind = EVENT_SOUND_OFF, .channel = 3}, &message);
    ck_assert_mem_eq(message.bytes, ((uint8_t[]){0xb3, 120, 0}), 3);
}
END_TEST

START_TEST(what_is_no_whole_message_is_not_read)
{
    static const uint8_t high[] = {0x90, 60, 0x80}, plain[] = {60, 100}, exclusive[] = {0xf0, 1, 0xf7};
    struct midi_message message;
    ck_assert(!midi_read(plain, 0, &message));
    ck_assert(!midi_read(plain, 2, &message));
    ck_assert(!midi_read(high, 3, &message));
    ck_assert(!midi_read(high, 2, &message));
    ck_assert(!midi_read(exclusive, 3, &message));
    for (unsigned status = 0xf0; status < 0x100; status++) {
        uint8_t bytes[] = {(uint8_t)status, 1, 2, 3};
        for (size_t n = 1; n <= 4; n++) {
            ck_assert_int_eq(midi_read(bytes, n, &message), !is_undefined(status) && (int)n == length_of(status));
            struct event event;
            ck_assert(!midi_read(bytes, n, &message) || !midi_to_event(&message, &event));
        }
    }
}
END_TEST

/* What a stream gives, each message with its length in front. */
static size_t streamed(const uint8_t *bytes, size_t n, uint8_t *out)
{
    struct midi_stream stream = {0};
    struct midi_message message;
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (midi_stream_take(&stream, bytes[i], &message)) {
            memcpy(out + at, message.bytes, message.n);
            at += message.n;
        }
    return at;
}

#define STREAM(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static void gives(const uint8_t *in, size_t n_in, const uint8_t *wanted, size_t n)
{
    uint8_t out[64];
    ck_assert_uint_eq(streamed(in, n_in, out), n);
    ck_assert(!n || memcmp(out, wanted, n) == 0);
}

START_TEST(a_stream_goes_on_with_its_status_and_lets_real_time_in_anywhere)
{
    gives(STREAM(0x90, 60, 100, 62, 0xf8, 101, 0xc1, 5, 6), STREAM(0x90, 60, 100, 0xf8, 0x90, 62, 101, 0xc1, 5, 0xc1, 6));
    gives(STREAM(60, 100, 0xb0, 7), NULL, 0);
}
END_TEST

START_TEST(exclusive_and_undefined_bytes_are_skipped_and_end_the_status)
{
    gives(STREAM(0x90, 60, 1, 0xf0, 1, 2, 0xfa, 3, 0xf7, 61, 1, 0x91, 7, 8), STREAM(0x90, 60, 1, 0xfa, 0x91, 7, 8));
    gives(STREAM(0xf2, 1, 2, 3, 4, 0xf4, 5, 0xfd, 0xf6), STREAM(0xf2, 1, 2, 0xf6));
    gives(STREAM(0x90, 60, 0x80, 61, 2), STREAM(0x80, 61, 2));
}
END_TEST

START_TEST(whatever_the_bytes_messages_are_whole)
{
    uint32_t seed = 5;
    struct midi_stream stream = {0};
    for (unsigned i = 0; i < RIG_ROUNDS(1000000, 100000); i++) {
        struct midi_message message, again;
        struct event event;
        uint8_t byte = (uint8_t)dice_below(&seed, dice_below(&seed, 2) ? 256 : 128);
        if (!midi_stream_take(&stream, byte, &message))
            continue;
        bool is_whole = midi_read(message.bytes, message.n, &again) && message.n == length_of(message.bytes[0]);
        if (is_whole && midi_to_event(&message, &event))
            is_whole = event.kind <= EVENT_SOUND_OFF && event.channel < EVENT_CHANNELS && event.value <= 127 &&
                       event.value >= -1 && event.note <= 127;
        if (!is_whole)
            ck_abort_msg("byte %u: a message of %u that begins with %02x", i, message.n, message.bytes[0]);
    }
}
END_TEST

START_TEST(a_song_position_comes_back_and_is_held_at_its_end)
{
    for (int64_t i = 0; i <= MIDI_SONG_MOST; i++) {
        struct midi_message message = midi_song(i), read;
        ck_assert(midi_read(message.bytes, message.n, &read));
        ck_assert_int_eq(midi_song_of(&read), i);
    }
    struct midi_message far = midi_song(INT64_MAX), before = midi_song(-5);
    ck_assert_uint_eq(midi_song_of(&far), MIDI_SONG_MOST);
    ck_assert_uint_eq(midi_song_of(&before), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_message_of_a_channel_comes_back_from_its_event_as_it_was,
                                  a_bend_reaches_both_ends_and_its_middle_is_none,
                                  what_lies_between_two_numbers_goes_to_the_nearest_and_no_note_becomes_an_off,
                                  what_is_no_whole_message_is_not_read,
                                  a_stream_goes_on_with_its_status_and_lets_real_time_in_anywhere,
                                  exclusive_and_undefined_bytes_are_skipped_and_end_the_status,
                                  whatever_the_bytes_messages_are_whole,
                                  a_song_position_comes_back_and_is_held_at_its_end};
    return suite_run("midi", 20, tests, ROWS(tests));
}
