#!/usr/bin/env python3
"""Meters of a running dawd, with an OSC of its own: no library is needed.

usage: meters.py [PORT [COUNT]]       (the daemon's UDP port, 3293; how many levels to print, 20)
"""
import socket
import struct
import sys


# ---- OSC 1.0, as much of it as dawd speaks --------------------------------------------------------------------------

def padded(data):
    return data + b"\0" * (4 - len(data) % 4)


def message(address, *args):
    tags, body = ",", b""
    for arg in args:
        if isinstance(arg, bool):
            tags += "T" if arg else "F"
        elif isinstance(arg, int):
            tags, body = tags + "i", body + struct.pack(">i", arg)
        elif isinstance(arg, float):
            tags, body = tags + "f", body + struct.pack(">f", arg)
        else:
            tags, body = tags + "s", body + padded(str(arg).encode())
    return padded(address.encode()) + padded(tags.encode()) + body


def string(data, at):
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 4 - end % 4


def messages(data):
    """Each message of a packet as (address, arguments), those of bundles in their order."""
    if data.startswith(b"#bundle\0"):
        at = 16
        while at < len(data):
            size, = struct.unpack_from(">i", data, at)
            yield from messages(data[at + 4:at + 4 + size])
            at += 4 + size
        return
    address, at = string(data, 0)
    tags, at = string(data, at)
    args = []
    for tag in tags[1:]:
        if tag == "s":
            value, at = string(data, at)
        elif tag in "TF":
            value = tag == "T"
        else:
            code = {"i": ">i", "h": ">q", "f": ">f", "d": ">d"}[tag]
            value, = struct.unpack_from(code, data, at)
            at += struct.calcsize(code)
        args.append(value)
    yield address, args


# ---- the client -----------------------------------------------------------------------------------------------------

class Dawd:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        self.request = 0

    def tell(self, address, *args):
        self.socket.send(message(address, *args))

    def hear(self):
        return list(messages(self.socket.recv(65536)))

    def ask(self, address, *args):
        """The results of a request, and what came before them: the values that a pattern means."""
        self.request += 1
        self.tell(f"/req/{self.request}{address}", *args)
        before = []
        while True:
            for answer, results in self.hear():
                if answer in ("/done", "/fail") and results[0] == self.request:
                    if answer == "/fail":
                        sys.exit(f"meters.py: {results[1]}: {results[4]}")
                    return results[2:], before
                before.append((answer, results))


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 3293
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    dawd = Dawd(port)
    hello, _ = dawd.ask("/hello")
    print(f"{hello[0]} {hello[1]}, {hello[4]} Hz")
    n, values = dawd.ask("/node/*/gain")
    for address, args in values:
        print(f"{address} {args[0]:g} dB")
    print(f"{n[0]} gains")
    dawd.ask("/sub", "/node/*/*/peak", "max_hz", 20.0)
    while count > 0:  # only what becomes another value is told: a tone that stands still is silent here
        for address, args in dawd.hear():
            if address.endswith("/peak"):
                print(address, " ".join(f"{level:.1f}" for level in args))
                count -= 1


if __name__ == "__main__":
    main()
