"""The offline rows: a session of each workload rendered beside the peer, in turns, so that the machine's noise hits both."""
import array
import math
import os
import statistics
import subprocess
import tempfile

import notes
from scsynth import peer

ROUNDS = int(os.environ.get("ROUNDS", 5))
GAIN_DB = 20 * math.log10(peer.GAIN)
NOISE = ["/graph/add noise src level {level}"]


def series(kind, n, params):
    lines = NOISE + [f"/graph/add {kind} n{i} channels 1 {params}" for i in range(n)]
    lines += ["/graph/connect src n0"] + [f"/graph/connect n{i} n{i + 1}" for i in range(n - 1)]
    return lines + [f"/graph/connect n{n - 1} out:in.1"]


def parallel(kind, n, params):
    lines = NOISE + [f"/graph/add {kind} n{i} channels 1 {params}" for i in range(n)]
    lines += [f"/graph/connect src n{i}" for i in range(n)]
    return lines + [f"/graph/connect n{i} out:in.1 gain -40.0" for i in range(n)]


def oscillators(wave, n, level):
    lines = [f"/graph/add osc n{i} wave {wave} freq {200.0 + i} level {level}" for i in range(n)]
    return lines + [f"/graph/connect n{i} out:in.1" for i in range(n)]


EQ = "type1 low_shelf freq1 100.0 gain1 3.0 freq2 400.0 gain2 -4.0 freq3 2500.0 gain3 3.0 " \
     "type4 high_shelf freq4 8000.0 gain4 -2.0 on5 F on6 F on7 F on8 F"
# The peer's goes by the wave between its peaks too, and takes 2.1 dB less.
COMPRESSOR = "threshold -26.0 ratio 2.0 knee 0.0 attack 10.0 release 150.0 makeup 2.1"


def tracks(n):
    lines = list(NOISE)
    for i in range(n):
        lines += [f"/graph/add eq eq{i} channels 1 {EQ}", f"/graph/add compressor comp{i} channels 1 {COMPRESSOR}",
                  f"/graph/add pan pan{i} channels 1 position {i / 32 - 1}",
                  f"/graph/connect src eq{i}", f"/graph/connect eq{i} comp{i}", f"/graph/connect comp{i} pan{i}",
                  f"/graph/connect pan{i} out gain -40.0"]
    return lines


def reverbs(n, gain_db):
    lines = NOISE + [f"/graph/add reverb n{i} decay 2.5 mix 1.0" for i in range(n)]
    lines += [f"/graph/connect src n{i}" for i in range(n)]
    return lines + [f"/graph/connect n{i} out gain {gain_db}" for i in range(n)]


SAW_DB = -62.46  # the peer's saws are 2.46 dB softer than their amplitude says
VOICE_DB = -65.9  # and 5.9 dB where their harmonics do not meet

# As the peer's voice: its filter and its envelope.
FILTER, ENVELOPE = "cutoff 1200.0 q 2.0", "attack 0.01 decay 0.3 sustain 0.5 release 1.0 curve 0.58"


def voice(prefix, freq):
    """The nodes of one voice, whose envelope waits for a gate."""
    names = {name: prefix + name for name in ("osc", "lp", "env", "vca")}
    return [line.format(**names) for line in (
        f"/graph/add osc {{osc}} wave saw freq {freq} level {VOICE_DB}", f"/graph/add filter {{lp}} channels 1 {FILTER}",
        f"/graph/add adsr {{env}} {ENVELOPE}", "/graph/add math {vca} op multiply", "/graph/connect {osc} {lp}",
        "/graph/connect {lp} {vca}:a", "/graph/connect {env} {vca}:b")]


def chains(n):
    lines = ["/graph/add constant key value 1.0"]
    for i in range(n):
        lines += voice(f"v{i}_", notes.pitch_hz(i)) + [f"/graph/connect key v{i}_env", f"/graph/connect v{i}_vca out"]
    return lines


def container(n):
    return ["/graph/add midi_player song file {song}", f"/graph/add voices pad voices {n}", *voice("pad/", 440.0),
            "/graph/connect song pad", f"/graph/connect pad/in:pitch pad/osc:freq depth {notes.NARROW}",
            "/graph/connect pad/in:gate pad/env", "/graph/connect pad/vca pad/out", "/graph/connect pad/out out"]


REVERB_DB, COMBS_DB = -34.92, -39.15  # as loud as the peer's are

# name: lines, what it is, nodes, seconds of sound, goal as a share of the peer's cost
WORKLOADS = {
    "empty": ([], "nothing", 0, 0, None),
    "gain2000": (series("gain", 2000, f"gain {GAIN_DB:.9f}"), "a noise through 2000 gains in series", 2000, 60, 0.4),
    "sine500": (oscillators("sine", 500, -60.0), "500 sines into one output", 500, 60, 0.25),
    "saw500": (oscillators("saw", 500, SAW_DB), "500 band-limited saws into one output", 500, 40, 0.15),
    "biquad1000": (series("filter", 1000, "mode lowpass cutoff 8000.0 q 0.70710678"),
                   "a noise through 1000 second-order low-passes in series", 1000, 20, 0.25),
    "butter100": (parallel("butterworth", 100, "mode lowpass cutoff 1000.0 order 10"),
                  "100 parallel low-passes of 10th order, side by side", 100, 40, 0.12),
    "delay200": (parallel("delay", 200, "time 0.35001 feedback 0.2985 mix 1.0 longest 1.0"),
                 "200 parallel feedback delays, read between the samples", 200, 60, 0.3),
    "tracks64": (tracks(64), "64 strips side by side: four bands of eq, compressor, pan", 64, 40, 0.25),
    "reverb50": (reverbs(50, REVERB_DB), "50 stereo reverbs; the peer's is GVerb, a feedback delay network too", 50, 20, 0.5),
    "combs50": (reverbs(50, COMBS_DB), "the same; the peer's is FreeVerb2, combs and all-passes", 50, 20, None),
    "voice200": (chains(200), "200 chains of nodes: saw, resonant low-pass, envelope that sustains, stereo", 200, 60, 0.2),
    "voices200": (container(200), "the same as a container of 200 voices, all of which sound", 200, 60, 0.2),
}


class Missing(Exception):
    """What a row needs is not there."""


def cpu_s(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Missing(told.strip().splitlines()[-1] if told.strip() else f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime


def samples_of(path):
    """The floats of a WAV or RF64."""
    with open(path, "rb") as file:
        data = file.read()
    data = data[data.index(b"data") + 8:]
    samples = array.array("f")
    samples.frombytes(data[:len(data) // 4 * 4])
    return samples


def rms_db(path):
    left = samples_of(path)[0::2][48000:20 * 48000]
    power = sum(x * x for x in left) / max(len(left), 1)
    return 10 * math.log10(power) if power else -math.inf


class Folder:
    """Sessions, scores and sounds of one run."""

    def __init__(self, build):
        self.folder = tempfile.TemporaryDirectory()
        self.build = build

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def ours(self, workload, seconds):
        path, song = self.path(workload + ".dawd"), self.path(workload + ".mid")
        lines, _, n = WORKLOADS[workload][:3]
        if any("{song}" in line for line in lines):
            notes.write(song, n, seconds + 10)
        with open(path, "w") as file:
            file.write("# dawd session 1\n")
            for line in lines:
                file.write(line.format(level=NOISE_LEVEL_DB, song=song) + "\n")
            file.write("# end\n")
        out = self.path(workload + ".ours")
        if os.path.exists(out):
            os.unlink(out)
        return [f"{self.build}/dawd", path, "--root", self.folder.name, "--render", out, "--seconds", str(seconds), "--log-level", "error"]

    def theirs(self, workload, seconds, block):
        path = self.path(workload + ".osc")
        peer.write_score(path, workload, seconds)
        return peer.command(path, self.path(workload + ".wav"), block)


NOISE_LEVEL_DB = -24.77  # the peer's: even, +-0.1; ours is the rms


def measure(folder, workload):
    seconds = WORKLOADS[workload][3]
    sides = {"ours": lambda w: folder.ours(w, seconds)}
    for block in peer.BLOCKS:
        sides[block] = lambda w, block=block: folder.theirs(w, seconds, block)
    costs = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, command in sides.items():
            costs[side].append(cpu_s(command(workload)) - cpu_s(command("empty")))
    return {side: statistics.median(values) for side, values in costs.items()}


def row(folder, name):
    _, what, n_nodes, seconds, goal = WORKLOADS[name]
    costs = measure(folder, name)
    per_sample = 1e9 / (n_nodes * seconds * 48000)
    block, theirs = min(((b, costs[b]) for b in peer.BLOCKS), key=lambda pair: pair[1])
    apart = rms_db(folder.path(name + ".ours")) - rms_db(folder.path(name + ".wav"))
    share = costs["ours"] / theirs
    return [{
        "row": name, "what": what,
        "ours": f"{costs['ours'] * per_sample:.3f} ns", "peer": f"{theirs * per_sample:.3f} ns (block {block})",
        "ratio": f"{share:.3f}", "goal": f"<= {goal}" if goal else "",
        "met": share <= goal and abs(apart) < 1 if goal else None,
        "note": f"levels {apart:+.2f} dB apart",
    }]
