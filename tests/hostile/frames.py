"""Hostile frames: each is refused within a second, and takes less than 16 MiB.

Run by tests/wire/test_hostile_frames.py as `python frames.py NAME` in a process of its own, which
prints how the frame ended, the seconds and the MiB that it took.
"""

import resource
import struct
import sys
import time

from autograder import wire
from autograder.errors import BadFrame

def frame(text, tail=b""):
    text = text if isinstance(text, bytes) else text.encode()
    return struct.pack("!I", len(text)) + text + tail

def head(arrays, body='{"!":"array","v":0}'):
    return f'{{"arrays":{arrays},"body":{body}}}'

class Reader:
    """Reads a frame as a socket's reader does: the buffer is taken before a byte has come."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def __call__(self, size):
        buffer = bytearray(size)
        got = self.data[self.at : self.at + size]
        self.at += size
        if len(got) < size:
            raise EOFError(f"{len(got)} of {size} bytes came")
        buffer[:] = got
        return buffer


CASES = {
    "declared >> sent, 256 MiB": frame(head('[["|u1",[268435456]]]'), b"abc"),
    "declared 257 MiB": frame(head('[["|u1",[269484032]]]'), b"abc"),
    "1024 arrays of 256 KiB declared, none sent": frame(head(str([["|u1", [262144]]] * 1024).replace("'", '"'))),
    "JSON length 4 GiB": struct.pack("!I", 2**32 - 1) + b"{}",
    "dim 2^64": frame(head('[["<f4",[18446744073709551616]]]')),
    "dims overflow": frame(head('[["<f4",[9223372036854775807,9223372036854775807]]]')),
    "zero times huge": frame(head('[["<f4",[0,9223372036854775807]]]')),
    "negative dim": frame(head('[["<f4",[-1]]]')),
    "bool dim": frame(head('[["<f4",[true]]]')),
    "float dim": frame(head('[["<f4",[1.0]]]')),
    "rank 9": frame(head('[["<f4",[1,1,1,1,1,1,1,1,1]]]')),
    "object dtype": frame(head('[["|O",[1]]]'), b"12345678"),
    "bad descr tuple": frame(head('[[["a","<f4"],[1]]]')),
    "dtype void": frame(head('[["|V8",[1]]]'), b"12345678"),
    "big endian": frame(head('[[">f4",[1]]]'), b"1234"),
    "depth 5000": frame(head("[]", "[" * 5000 + "]" * 5000)),
    "depth 65 lists": frame(head("[]", "[" * 66 + "]" * 66)),
    "dup key": frame('{"arrays":[],"arrays":[],"body":null}'),
    "NaN": frame(head("[]", "NaN")),
    "1e999": frame(head("[]", "1e999")),
    "5000-digit int": frame(head("[]", "9" * 5000)),
    "4e6-digit float": frame(head("[]", "0." + "1" * 4_000_000)),
    "4e6-digit float big": frame(head("[]", "1" * 4_000_000 + ".0")),
    "invalid utf-8": frame(b'{"arrays":[],"body":"\xff"}'),
    "lone surrogate": frame(head("[]", '"\\ud800"')),
    "2M empty lists": frame(head("[]", "[" + ",".join(["[]"] * 1_390_000) + "]")),
    "0.2M empty dicts": frame(head("[]", "[" + ",".join(['{"!":"dict","v":[]}'] * 209_000) + "]")),
    "2M ints": frame(head("[]", "[" + ",".join(["7"] * 2_090_000) + "]")),
    "1.3M raw dicts": frame(head("[]", "[" + ",".join(["{}"] * 1_390_000) + "]")),
    "0.6M one-key dicts": frame(head("[]", "[" + ",".join(['{"":0}'] * 590_000) + "]")),
    "opaque type name long": frame(head("[]", '{"!":"opaque","v":"' + "x" * 100000 + '"}')),
    "same array 1e5 times": frame(head('[["|u1",[1]]]', "[" + ",".join(['{"!":"array","v":0}'] * 190_000) + "]"), b"1"),
}



def memory():
    """Return the resident memory in MiB."""
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * resource.getpagesize() / 2**20


def peak():
    """Return the largest resident memory so far in MiB, counted from the last reset."""
    with open("/proc/self/status") as stream:
        return next(int(line.split()[1]) / 1024 for line in stream if line.startswith("VmHWM"))


if __name__ == "__main__":
    data = CASES[sys.argv[1]]
    CASES.clear()
    with open("/proc/self/clear_refs", "w") as stream:
        stream.write("5")  # the peak counts from here
    before, started = memory(), time.process_time()
    try:
        value = wire.decode(Reader(data))
        ended = f"read {type(value).__name__}"
    except BadFrame:
        ended = "refused"
    except EOFError:
        ended = "waits for more"
    print(ended, time.process_time() - started, peak() - before, sep=",")
