"""Rows of the running daemon, on a JACK server of the benchmark's own with the dummy driver: 48 kHz, 256 frames."""
import os
import random
import re
import select
import socket
import statistics
import struct
import subprocess
import tempfile
import time

from scsynth import peer
from workloads import Missing

SERVER = "dawd-bench"
PERIOD_MS = 256 / 48
ANSWERS = 1000
FLOOD_S = 5
EDITS_S = 5
EDIT_TRACKS = 100
SLIP_END, SLIP_ESC = b"\xc0", b"\xdb"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A child that is ended with the block."""

    def __init__(self, command, **environment):
        self.command, self.environment = command, environment

    def __enter__(self):
        try:
            self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                            env={**os.environ, **self.environment})
        except FileNotFoundError as error:
            raise Missing(f"{self.command[0]} is not installed") from error
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def anonymous_kb(self):
        with open(f"/proc/{self.process.pid}/smaps") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Anonymous:"))


def jackd():
    return Program(["jackd", "-n", SERVER, "-R", "-d", "dummy", "-r48000", "-p256"])


class Daemon(Program):
    def __init__(self, build, folder):
        self.build, self.port, self.socket = build, free_port(), os.path.join(folder, "sock")
        super().__init__([f"{build}/dawd", "--name", "bench", "--server", SERVER, "--port", str(self.port),
                          "--socket", self.socket, "--root", folder])

    def __enter__(self):
        super().__enter__()
        deadline = time.monotonic() + 10
        while not (os.path.exists(self.socket) and self.stats().get("process_count", 0) > 10):
            if time.monotonic() > deadline:
                raise Missing("the daemon did not come up")
            time.sleep(0.1)
        return self

    def ask(self, *words):
        done = subprocess.run([f"{self.build}/dawctl", "--socket", self.socket, *map(str, words)], capture_output=True,
                              text=True)
        if done.returncode:
            raise Missing(done.stdout + done.stderr)
        return done.stdout

    def stats(self):
        try:
            pairs = re.findall(r'"?([a-z][a-z0-9_]*)"?\s+(-?[0-9][0-9.e+-]*)h?\b', self.ask("/stats"))
        except Missing:
            return {}
        return {name: float(value) for name, value in pairs}


class Studio:
    """jackd and the daemon."""

    def __init__(self, build):
        self.build = build

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.jackd = jackd().__enter__()
        time.sleep(1)
        self.daemon = Daemon(self.build, self.folder.name)
        try:
            self.daemon.__enter__()
        except BaseException:
            self.__exit__()
            raise
        return self.daemon

    def __exit__(self, *_):
        self.daemon.__exit__()
        self.jackd.__exit__()
        self.folder.cleanup()


class Scsynth(Program):
    def __init__(self):
        self.port = free_port()
        super().__init__(["scsynth", "-u", str(self.port), "-i", "0", "-o", "2"], JACK_DEFAULT_SERVER=SERVER)

    def __enter__(self):
        super().__enter__()
        self.socket = Datagrams(self.port)
        for _ in range(50):
            self.socket.send(peer.message("/sync", 0))
            if self.socket.wait(b"/synced", 0.2):
                break
        else:
            self.__exit__()
            raise Missing("scsynth did not come up")
        for packet in [*peer.definitions(), peer.message("/s_new", "gain", 1000, 1, 0)]:
            self.socket.send(packet)
        time.sleep(0.5)
        return self


class Datagrams:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))

    def send(self, packet):
        try:
            self.socket.send(packet)
        except ConnectionRefusedError:
            pass

    def wait(self, address, seconds):
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            try:
                if self.socket.recv(65536).startswith(address):
                    return True
            except ConnectionRefusedError:
                time.sleep(0.05)
        return False


class Stream:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.buffer = b""

    def frames(self, seconds):
        """What has come by then, at the latest as soon as there is anything."""
        self.socket.settimeout(seconds)
        *frames, self.buffer = (self.buffer + self.socket.recv(65536)).split(SLIP_END)
        return [frame for frame in frames if frame]

    def send(self, packet):
        packet = packet.replace(SLIP_ESC, b"\xdb\xdd").replace(SLIP_END, b"\xdb\xdc")
        self.socket.send(SLIP_END + packet + SLIP_END)

    def wait(self, address, seconds):
        self.socket.settimeout(seconds)
        while True:
            *frames, self.buffer = self.buffer.split(SLIP_END)
            if any(frame.startswith(address) for frame in frames):
                return True
            try:
                self.buffer += self.socket.recv(65536)
            except TimeoutError:
                return False


def round_trips_ms(link, request, answer):
    """Times from a request to its answer, requests falling anywhere in the period."""
    took = []
    chance = random.Random(1)
    for i in range(ANSWERS):
        time.sleep(0.002 + chance.random() * 2 * PERIOD_MS / 1e3)
        began = time.perf_counter()
        for packet in request(i):
            link.send(packet)
        if not link.wait(answer, 2):
            raise Missing("an answer did not come")
        took.append((time.perf_counter() - began) * 1e3)
    return took


def tell_ms(times):
    return f"{statistics.mean(times):.2f} ms"


def quantile(times, part):
    return sorted(times)[int(part * (len(times) - 1) + 0.5)]


def theirs():
    def request(i):
        return peer.message("/n_set", 1000, "g", 0.5 + i / 1e4), peer.message("/sync", i)
    try:
        with Scsynth() as synth:
            return round_trips_ms(synth.socket, request, b"/synced"), synth.anonymous_kb()
    except Missing as missing:
        return None, str(missing)


def answer_rows(build):
    def request(i):
        return (peer.message(f"/req/{i + 1}/node/g/gain", -float(i % 20)),)
    rows, goal = [], PERIOD_MS + 1
    with Studio(build) as daemon:
        daemon.ask("/graph/add", "gain", "g")
        other, why = theirs()
        for way, link in (("UDP", Datagrams(daemon.port)), ("unix socket", Stream(daemon.socket))):
            times = round_trips_ms(link, request, b"/done")
            mean = statistics.mean(times)
            rows.append({
                "row": "" if rows else "answer", "what": f"from setting a value by {way} to the answer that it sounds, mean",
                "ours": tell_ms(times), "peer": tell_ms(other) if other else "",
                "ratio": f"{mean / statistics.mean(other):.2f}" if other else "", "goal": f"<= {goal:.2f} ms",
                "met": mean <= goal,
                "note": f"p99 {quantile(times, 0.99):.2f} ms; the peer: /n_set, then /sync by UDP" if other else str(why)})
    return rows


def flood_rows(build):
    rows = []
    with Studio(build) as daemon:
        daemon.ask("/graph/add", "gain", "g")
        for rate, what in ((0, "sent as fast as they go"), (400000, "sent at 400000 a second")):
            before = daemon.stats()
            told = subprocess.run([f"{build}/tests/bench/flood", str(daemon.port), "/node/g/gain", str(FLOOD_S), str(rate)],
                                  capture_output=True, text=True, check=True).stdout.split()
            time.sleep(0.5)
            grown = {name: value - before.get(name, 0) for name, value in daemon.stats().items()}
            sent, seconds = int(told[0]), float(told[1])
            lost = sent - grown["values"] - grown["dropped_by_kernel"]
            handled = grown["values"] / seconds
            rows.append({
                "row": "" if rows else "flood", "what": f"values by UDP, {what}: handled per second", "ours": f"{handled:.0f}",
                "goal": ">= 400000, none unaccounted for" if not rate else "", "met": lost == 0 and handled >= 400000
                if not rate else None,
                "note": f"sent {sent}, handled {grown['values']:.0f}, dropped by the kernel {grown['dropped_by_kernel']:.0f}, "
                        f"unaccounted for {lost:.0f}"})
    return rows


def edits_of(link, n_open):
    """Edits answered per second with so many on their way: every track is taken out of the mix and put back in turns."""
    sent = done = 0
    began = time.perf_counter()

    def ends():  # with everything as it was found
        return time.perf_counter() >= began + EDITS_S and sent % (2 * EDIT_TRACKS) == 0

    while not ends() or done < sent:
        while sent - done < n_open and not ends():
            verb, track = ("disconnect", "connect")[sent // EDIT_TRACKS % 2], sent % EDIT_TRACKS
            link.send(peer.message(f"/req/{sent + 1}/graph/{verb}", f"g{track}", "out"))
            sent += 1
        frames = link.frames(2)
        if any(frame.startswith(b"/fail") for frame in frames):
            raise Missing(f"an edit was refused: {frames}")
        done += sum(frame.startswith(b"/done") for frame in frames)
    return done / (time.perf_counter() - began)


def edit_rows(build):
    rows = []
    with Studio(build) as daemon:
        for i in range(EDIT_TRACKS):
            daemon.ask("/graph/add", "osc", f"o{i}", "freq", f"{100 + i}.0", "level", "-60.0")
            daemon.ask("/graph/add", "gain", f"g{i}", "channels", 1)
            daemon.ask("/graph/connect", f"o{i}", f"g{i}")
            daemon.ask("/graph/connect", f"g{i}", "out")
        for n_open, what in ((1, "each after the answer to the one before"), (256, "256 of them on their way")):
            daemon.ask("/stats/reset")
            rate, stats = edits_of(Stream(daemon.socket), n_open), daemon.stats()
            rows.append({
                "row": "" if rows else "edits", "what": f"edits of 200 playing nodes by unix socket, {what}: per second",
                "ours": f"{rate:.0f}", "note": f"cycles p99 {stats['process_p99_us']:.0f} us of {1e3 * PERIOD_MS:.0f}, "
                f"too long {stats['overruns']:.0f}; applied after {stats['applied_p99_us'] / 1e3:.1f} ms at p99"})
    return rows


def live_rows(build):
    with Studio(build) as daemon:
        daemon.ask("/graph/add", "butterworth", "b", "channels", 1, "mode", "lowpass", "order", 10, "cutoff", "1000.0")
        daemon.ask("/graph/connect", "in:out.1", "b")
        daemon.ask("/graph/connect", "b", "out:in.1")
        stretches = []
        for _ in range(5):
            daemon.ask("/stats/reset")
            time.sleep(5)
            stretches.append(daemon.stats())
    p99, mean = (statistics.median(stats[name] for stats in stretches) for name in ("process_p99_us", "process_mean_us"))
    return [{"row": "live", "what": "the process callback with a five-section Butterworth low-pass, p99", "ours": f"{p99:.1f} us",
             "goal": "<= 10 us", "met": p99 <= 10, "note": f"mean {mean:.1f} us; median of five stretches of 5 s"}]


def memory_rows(build):
    with Studio(build) as daemon:
        time.sleep(1)
        ours = daemon.anonymous_kb() / 1024
        _, kb = theirs()
    known = isinstance(kb, int)
    return [{"row": "memory", "what": "anonymous memory of an empty daemon on JACK", "ours": f"{ours:.1f} MB",
             "peer": f"{kb / 1024:.1f} MB" if known else "", "ratio": f"{ours * 1024 / kb:.2f}" if known else "",
             "goal": "<= 12 MB", "met": ours <= 12, "note": "JACK's shared segment left out"}]


ROWS = {"live": live_rows, "answer": answer_rows, "edits": edit_rows, "flood": flood_rows, "memory": memory_rows}
