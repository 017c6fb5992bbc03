#!/usr/bin/env python3
"""Writes standard MIDI files of the sorts that are hard to come by: formats 0 and 2, SMPTE division, and what real ones do.
usage: make.py FOLDER
"""
import random
import struct
import sys

folder = sys.argv[1]
dice = random.Random(1)


def length(n):
    digits = [n & 0x7F]
    while n > 0x7F:
        n >>= 7
        digits.append(0x80 | n & 0x7F)
    return bytes(reversed(digits))


def chunk(name, data):
    return name + struct.pack(">I", len(data)) + data


def meta(kind, data):
    return bytes([0xFF, kind]) + length(len(data)) + data


def tempo(us):
    return meta(0x51, us.to_bytes(3, "big"))


def track(events):
    """(ticks since the one before, bytes) in a row, and the end."""
    return chunk(b"MTrk", b"".join(length(ticks) + event for ticks, event in events) + b"\x00\xff\x2f\x00")


def message():
    status = dice.choice([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0]) | dice.randrange(16)
    n = 1 if status & 0xE0 == 0xC0 else 2
    return bytes([status] + [dice.randrange(128) for _ in range(n)])


def music(n, tempos=True):
    """Any messages, with everything between them that a file may hold."""
    events, running = [], 0
    for _ in range(n):
        ticks = dice.choice([0, 0, 1, 5, 127, 128, 960, 20000])
        event = message()
        if event[0] == running and dice.randrange(4):
            event = event[1:]
        else:
            running = event[0]
        events.append((ticks, event))
        kind = dice.randrange(12)
        if kind == 0 and tempos:
            events.append((dice.randrange(3), tempo(dice.randrange(1, 1 << 24))))
        if kind == 1:
            events.append((0, b"\xf0" + length(4) + b"\x7e\x09\x01\xf7"))
        if kind == 2:
            events.append((7, b"\xf7" + length(200) + bytes(200)))
        if kind == 3:
            events.append((0, meta(dice.choice([0x01, 0x06, 0x21, 0x7F]), b"any")))
        if kind == 4:
            events.append((1, meta(0x58, bytes([dice.randrange(1, 13), dice.randrange(6), 24, 8]))))
        if kind < 5:
            running = 0  # as the standard has it
    return events


def save(name, form, division, tracks):
    with open(f"{folder}/{name}.mid", "wb") as file:
        file.write(chunk(b"MThd", struct.pack(">HHh", form, len(tracks), division)))
        file.write(b"".join(tracks))


title = (0, meta(0x03, b"Title"))
save("format_0", 0, 480, [track([title] + music(3000))])
save("format_0_coarse", 0, 1, [track(music(300))])
save("format_0_fine", 0, 32767, [track(music(300))])
save("format_1_many", 1, 96, [track([(0, meta(0x03, b"%d" % i))] + music(40)) for i in range(60)])
save("format_2", 2, 240, [track([(0, tempo(400000 + 1000 * i)), title] + music(100)) for i in range(9)])
save("empty", 1, 480, [track([]), track([])])
for frames in (24, 25, 29, 30):
    for ticks in (4, 40, 80, 100):
        save(f"smpte_{frames}_{ticks}", 1, -frames * 256 + ticks, [track(music(200, False)), track(music(200, False))])
