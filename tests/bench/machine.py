"""The page: what it was measured on, how, and the table."""
import os
import platform
import re
import subprocess


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout or done.stderr).strip().splitlines()[0].strip()
    except (FileNotFoundError, IndexError):
        return "not installed"


def processor():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    name = re.search(r"model name\s*: (.*)", text)
    flags = re.search(r"flags\s*: (.*)", text)
    widest = next((w for w in ("avx512f", "avx2", "sse4_2") if flags and w in flags.group(1).split()), "?")
    return f"{name.group(1) if name else platform.machine()}, {os.cpu_count()} processors, {widest}"


def package(name):
    version = first_line("dpkg-query", "-W", "-f=${Version}", name)
    return f"{name} {version}"


def flags(build):
    """Those of an object of the audio thread, as make would compile it."""
    variant = os.path.basename(build)
    text = subprocess.run(["make", "-n", "-B", f"VARIANT={variant}", f"{build}/effects/gain.o"], capture_output=True,
                          text=True).stdout
    line = next((line for line in text.splitlines() if "gain.c" in line), "")
    return " ".join(word for word in line.split() if re.match(r"-(O|f|m|std)", word))


def missed(lines):
    """What the table says no to, in words; a row that begins without a name belongs to the one before."""
    names, name = [], ""
    for line in lines:
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        name = cells[0] if line.startswith("| ") and not line.startswith("|  |") else name
        if "**no**" in line and name not in names:
            names.append(name)
    return f"Missed: {', '.join(names)}." if names else "No goal is missed."


def page(build, lines, effects):
    return f"""# Benchmark

Written by `make bench`; `make bench ROWS=sine500,flood` prints single rows, and with `ROUNDS=1` each side of an offline row is
measured once, which takes some ten seconds. The figures belong to the machine below; the ratios should travel better.

| | |
|---|---|
| machine | {processor()} |
| system | {platform.system()} {platform.release()}, {package('jackd2')} |
| compiler | {first_line(os.environ.get('CC', 'gcc'), '--version')} |
| flags | {flags(build)} |
| peer | {package('supercollider-server')} |

| row | what | dawd | peer | ratio | goal | met | notes |
|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

{missed(lines)}

## What a node costs

ns per block of 256 frames, which is 5.3 ms at 48 kHz; as wide as it is by default, effects in stereo; one by one, on a thread of its
own, in warm caches. As added: with its initial values, where much is flat or off. Set: what glides is at seven tenths of its
range.

| node | as added | set | asleep |
|---|---|---|---|
{chr(10).join(effects)}

**How.** Offline rows: the processor time of a whole process that builds the graph by ordinary messages and renders it for 20
to 60 s, less that of an empty one, per node and sample; medians of five, both sides in turns, the peer at the better of two block
sizes. Both sides' outputs are compared: levels more than 1 dB apart fail the row. The peer's definitions lie in
`tests/bench/scsynth`. The voices are the tutorial's, oscillator, filter, envelope, multiplication, once as nodes and once in a container
that a MIDI file plays; the peer's lie in one definition. All rows run the engine of the daemon, whose graph can be edited at any
time. Live rows run on jackd's dummy driver at 48 kHz and 256 frames. The flood is sent and taken in on the same
processors. Rows that are not measured say what was missing.
"""
