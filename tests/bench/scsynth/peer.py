"""The benchmark's peer: workloads of SuperCollider's scsynth, rendered offline (scsynth -N). Needs supercollider-server."""
import struct
from pathlib import Path

import notes

HERE = Path(__file__).resolve().parent
BLOCKS = (64, 256)  # its default, and what is fair to a host that runs blocks of 256: the better of the two counts
NOISE = [("noise",)]
GAIN = 0.9999  # not 1, which it would turn into a copy
VOICES = [("voice", "freq", notes.pitch_hz(i), "amp", 0.001) for i in range(200)]
WORKLOADS = {
    "empty": [],
    "sine500": [("sine", "freq", 200.0 + i, "amp", 0.001) for i in range(500)],
    "saw500": [("saw", "freq", 200.0 + i, "amp", 0.001) for i in range(500)],
    "gain2000": NOISE + [("gain", "g", GAIN)] * 1999 + [("gain", "g", GAIN, "out", 0)],
    "biquad1000": NOISE + [("biquad",)] * 999 + [("biquad", "out", 0)],
    "butter100": NOISE + [("butter",)] * 100,
    "delay200": NOISE + [("delay",)] * 200,
    "tracks64": NOISE + [("track", "pos", i / 32.0 - 1) for i in range(64)],
    "reverb50": NOISE + [("reverb",)] * 50,
    "combs50": NOISE + [("combs",)] * 50,
    "voice200": VOICES,
    "voices200": VOICES,
}


def osc_string(text):
    raw = text.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


def message(address, *args):
    tags, data = ",", b""
    for a in args:
        if isinstance(a, int):
            tags, data = tags + "i", data + struct.pack(">i", a)
        elif isinstance(a, float):
            tags, data = tags + "f", data + struct.pack(">f", a)
        elif isinstance(a, bytes):
            tags, data = tags + "b", data + struct.pack(">i", len(a)) + a + b"\0" * (-len(a) % 4)
        else:
            tags, data = tags + "s", data + osc_string(a)
    return osc_string(address) + osc_string(tags) + data


def bundle(at_s, *messages):
    whole = int(at_s)
    body = b"#bundle\0" + struct.pack(">II", whole, int((at_s - whole) * 2**32))
    return body + b"".join(struct.pack(">i", len(m)) + m for m in messages)


def definitions():
    return [message("/d_recv", path.read_bytes()) for path in sorted(HERE.glob("*.scsyndef"))]


def write_score(path, workload, seconds):
    with open(path, "wb") as out:
        def put(packet):
            out.write(struct.pack(">i", len(packet)) + packet)
        for definition in definitions():
            put(bundle(0.0, definition))
        for i, synth in enumerate(WORKLOADS[workload]):
            put(bundle(0.0, message("/s_new", synth[0], 1000 + i, 1, 0, *synth[1:])))
        put(bundle(float(seconds), message("/c_set", 0, 0.0)))


def command(score, out, block):
    return ["scsynth", "-N", score, "_", out, "48000", "WAV", "float",
            "-o", "2", "-i", "0", "-z", str(block), "-n", "8192", "-w", "512", "-m", "524288"]
