"""Rows of programs that need no sound card: large graphs, and what nodes cost while their tails die away."""
import math
import os
import statistics
import subprocess
import tempfile
import time

from workloads import Missing


def output(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Missing(done.stderr.strip() or f"{command[0]} failed")
    return [line.split() for line in done.stdout.splitlines()]


def line_fit(xs, ys):
    """The slope of the straight line that fits best, and R2, the share of the variance that it explains."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
    along, across = sum((x - mean_x) ** 2 for x in xs), sum((y - mean_y) ** 2 for y in ys)
    return both / along, both * both / (along * across)


def compile_rows(build):
    table = [[float(x) for x in line] for line in output([f"{build}/tests/bench/compile"])]
    by_size = {int(line[0]): line for line in table}
    _, edges, compiled, swap, swap_99, first, later, built, backwards = by_size[10000]
    sizes = [line[0] for line in table]
    costs = [line[2] for line in table]
    slope, explained = line_fit(sizes, costs)
    power, _ = line_fit([math.log(x) for x in sizes], [math.log(y) for y in costs])
    listing = ", ".join(f"{int(line[0])}: {line[2]:.1f}" for line in table)
    return [
        {"row": "compile", "what": f"a plan of 10000 nodes and {edges:.0f} edges is compiled", "ours": f"{compiled:.1f} ms",
         "goal": "<= 20 ms", "met": compiled <= 20, "note": f"ms by nodes: {listing}"},
        {"row": "", "what": "and grows on a straight line, R2", "ours": f"{explained:.3f}", "goal": ">= 0.98",
         "met": explained >= 0.98, "note": f"{slope * 1e3:.2f} us per node; as a power of its size: {power:.2f}"},
        {"row": "", "what": "swapping it, inside the audio thread, p99", "ours": f"{swap_99:.2f} us", "goal": "<= 5 us",
         "met": swap_99 <= 5,
         "note": f"median {swap:.2f} us; the first block after it {first:.0f} us, the later ones {later:.0f} us"},
        {"row": "", "what": "building 10000 nodes from the oldest on; a chain of them against its order",
         "ours": f"{built:.0f} ms; {backwards:.0f} ms", "note": "first edit to finished plan"},
    ]


def tail_rows(build):
    rows, worst = output([f"{build}/tests/bench/tail"]), 0.0
    shares = []
    for name, active, *rest in rows:
        if active != "-":
            share = float(rest[0]) / max(float(active), 1e-9)
            worst = max(worst, share)
            shares.append(f"{name} {share:.2f}")
    skipped = ", ".join(line[0] for line in rows if line[1] == "-")
    note = ", ".join(shares) + (f"; not measured, for they want a file: {skipped}" if skipped else "")
    return [{"row": "tails", "what": "cost during a minute's tail / cost at work, dearest node",
             "ours": f"{worst:.2f}", "goal": "<= 1.2", "met": worst <= 1.2, "note": note}]


LANES = {
    "still": "four low-passes that stand still",
    "still_stereo": "the same in stereo",
    "moving": "four low-passes moved by an lfo",
    "moving_stereo": "the same in stereo",
    "steep": "a low-pass of 10th order that stands still",
    "steep_moving": "a low-pass of 10th order moved by an lfo",
    "single": "one low-pass that stands still",
    "single_moving": "one low-pass moved by an lfo",
}


def lane_rows(build):
    """Sixteen alike nodes side by side, against the same graph one by one."""
    rows = []
    for name, lanes, alone, ratio in output([f"{build}/tests/bench/lanes"]):
        rows.append({"row": "" if rows else "lanes", "what": f"64 chains side by side: {LANES[name]}",
                     "ours": f"{lanes} ns", "ratio": f"{ratio} x", "goal": ">= 4 x", "met": float(ratio) >= 4,
                     "note": f"one by one {alone} ns; per node, channel and sample"})
    return rows


def idle_rows(build):
    [[at_work, asleep, n_due]] = output([f"{build}/tests/bench/idle"])
    share = 100 * float(asleep) / float(at_work)
    return [{"row": "idle", "what": "10000 nodes asleep, of what they cost awake", "ours": f"{share:.2f} %", "goal": "<= 5 %",
             "met": share <= 5, "note": f"{at_work} us per block awake, {asleep} us asleep, {n_due} nodes visited"}]


def effect_rows(build):
    """What each class costs: a table of its own."""
    rows = []
    for name, *costs in output([f"{build}/tests/bench/effects"]):
        if costs[0] == "-":
            rows.append({"effect": name, "added": " ".join(costs[1:])})
        else:
            added, chosen, asleep = costs
            rows.append({"effect": name, "added": added, "set": chosen,
                         "asleep": "never sleeps" if float(asleep) < 0 else asleep})
    return rows


def instrument_rows(build):
    """What many notes cost; and an instrument that nobody plays."""
    rows = []
    for name, voices, *costs, visited in output([f"{build}/tests/bench/instruments"]):
        every, one, none = (max(float(cost), 0.0) for cost in costs)
        rows.append({"row": "" if rows else "instruments", "what": f"{voices} notes of {name}, a block of 256 frames",
                     "ours": f"{every:.1f} us", "goal": "idle < 1 us", "met": none < 1,
                     "note": f"{every / int(voices):.2f} us per note; one alone {one:.1f} us; nobody playing {none:.2f} us, "
                             f"{int(visited) / 16:.0f} nodes visited"})
    return rows


CREW = {"offline": ("cycles follow each other", None), "live": ("the worker is woken for each period", 1.5)}
RENDER_ROUNDS = 3


def tracks(n):
    """Tracks that are unlike, and take their time."""
    lines = ["# dawd session 1"]
    for i in range(n):
        lines += [
            f"/graph/add osc o{i} wave saw freq {100.0 + i}", f"/graph/add lfo l{i} rate {0.5 + i / 100}",
            f"/graph/add filter f{i} channels 1 drive 6.0", f"/graph/add delay d{i} channels 1 longest 1.0",
            f"/graph/add butterworth b{i} channels 1 order {4 + 2 * (i % 6)}", f"/graph/connect o{i} f{i}",
            f"/graph/connect f{i} b{i}", f"/graph/connect b{i} d{i}", f"/graph/connect d{i} out gain -40.0",
            f"/graph/connect l{i} f{i}:cutoff depth 1.0", f"/graph/connect l{i} b{i}:cutoff depth 1.0"]
    return "\n".join(lines + ["# end", ""])


def render_s(build, session, seconds, threads):
    out = os.path.join(os.path.dirname(session), "out")
    if os.path.exists(out):
        os.unlink(out)
    began = time.monotonic()
    output([f"{build}/dawd", session, "--render", out, "--seconds", str(seconds), "--threads", str(threads),
            "--log-level", "error"])
    return time.monotonic() - began


def render_row(build):
    with tempfile.TemporaryDirectory() as folder:
        session = os.path.join(folder, "tracks.dawd")
        with open(session, "w") as file:
            file.write(tracks(64))
        took = {1: [], 2: []}
        for _ in range(RENDER_ROUNDS):
            for threads, times in took.items():
                times.append(render_s(build, session, 62, threads) - render_s(build, session, 2, threads))
    one, two = (statistics.median(took[threads]) for threads in (1, 2))
    return {"row": "", "what": "--render --threads 2 of 60 s of 64 such tracks, against one thread", "ours": f"{two:.2f} s",
            "ratio": f"{one / two:.2f} x", "goal": ">= 1.8 x", "met": one / two >= 1.8, "note": f"one thread {one:.2f} s"}


def crew_rows(build):
    """Two threads against one."""
    rows = []
    for name, one, two, ratio, shared in output([f"{build}/tests/bench/crew"]):
        what, goal = CREW[name]
        rows.append({"row": "" if rows else "crew", "what": f"two threads on 64 unlike tracks, 256 frames: {what}",
                     "ours": f"{two} us", "ratio": f"{ratio} x", "goal": f">= {goal} x" if goal else "",
                     "met": float(ratio) >= goal if goal else None,
                     "note": f"one thread {one} us; {shared} % of the cycles were shared"})
    return rows + [render_row(build)]


ROWS = {"compile": compile_rows, "idle": idle_rows, "tails": tail_rows, "lanes": lane_rows, "crew": crew_rows,
        "instruments": instrument_rows, "effects": effect_rows}
