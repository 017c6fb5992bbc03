"""A MIDI file of keys that are held: what instruments are played by in the offline rows."""
import struct

BEND = 0.25  # semitones by which each channel lies above the one before: no two notes are of one pitch
FIRST_KEY, KEYS = 36, 50  # of each channel: four octaves, in which melodies and chords lie
NARROW = 0.97  # octaves to the octave: in tune, harmonics meet, and the level depends on where each wave began
BEND_RANGE = 2  # semitones, of every node that follows the wheel


def place(i):
    """Channel and key of the i-th note."""
    return i // KEYS, FIRST_KEY + i % KEYS


def pitch_hz(i):
    channel, key = place(i)
    return 440 * 2 ** (NARROW * (key + channel * BEND - 69) / 12)


def varint(number):
    digits = [number & 0x7f]
    while number := number >> 7:
        digits.append(number & 0x7f | 0x80)
    return bytes(reversed(digits))


def write(path, n, seconds):
    """n notes from the first frame on, for so many seconds."""
    events = b""
    for channel in range(place(n - 1)[0] + 1):
        wheel = 8192 + round(8192 * BEND * channel / BEND_RANGE)
        events += bytes([0, 0xe0 | channel, wheel & 0x7f, wheel >> 7])
    for i in range(n):
        channel, key = place(i)
        events += bytes([0, 0x90 | channel, key, 100])
    events += varint(seconds * 960) + bytes([0xff, 0x2f, 0])  # 480 to the quarter, at 120 to the minute
    with open(path, "wb") as file:
        file.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(events)) + events)
