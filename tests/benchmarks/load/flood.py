"""A flood from one or many source addresses, in a process of its own.

`python -m tests.benchmarks.load.flood KIND PORT RATE SECONDS SENDERS` prints how many packets left. Kinds:
`distinct` never repeats a trap, `repeats` has 1,000 of them, `large` are of 65 kB and all distinct.
"""

import itertools
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.load.traps import large_trap, link_down

FINGERPRINTS = 1_000
MARK = 0x0AAAAA
BURSTS_PER_S = 500

Make = Callable[[int], bytes]


def patterned(make: Make) -> Make:
    """Make packets by putting the index into one that was encoded before: 1 us each."""
    pattern = make(MARK)
    old_number, old_arcs = _number(MARK), _arcs(MARK)

    def packet(index: int) -> bytes:
        return pattern.replace(old_number, _number(index)).replace(old_arcs, _arcs(index))

    return packet


def _number(index: int) -> bytes:
    return (index | 1 << 21).to_bytes(4, "big")


def _arcs(index: int) -> bytes:
    arc = index | 1 << 21
    return bytes([0x80 | arc >> 21, 0x80 | arc >> 14 & 0x7F, 0x80 | arc >> 7 & 0x7F, arc & 0x7F])


def packets_of(kind: str) -> Iterator[bytes]:
    """Make the traps of a flood."""
    if kind == "repeats":
        return itertools.cycle([link_down(index, index) for index in range(FINGERPRINTS)])
    if kind == "distinct":
        return map(patterned(lambda index: link_down(index, 1)), itertools.count())
    many, long = (
        patterned(lambda index, many=many: large_trap(index, is_many=many)) for many in (True, False)
    )
    return (make(index) for index, make in enumerate(itertools.cycle((many, long))))


def links_to(port: int, senders: int) -> Sequence[socket.socket]:
    """Open a socket for each source address from 127.0.0.1 on."""
    links = []
    for number in range(1, senders + 1):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind((f"127.0.0.{number}", 0))
        link.connect(("127.0.0.1", port))
        links.append(link)
    return links


def flood(packets: Iterator[bytes], links: Sequence[socket.socket], rate: float, seconds: float) -> int:
    """Send at a steady rate, from each address in turn; returns how many left."""
    started = time.perf_counter()
    sent = 0
    turns = itertools.cycle([link.send for link in links])
    burst = max(1, int(rate / BURSTS_PER_S))
    while (elapsed := time.perf_counter() - started) < seconds:
        due = min(int(elapsed * rate) + burst, int(rate * seconds))
        while sent < due:
            next(turns)(next(packets))
            sent += 1
        time.sleep(1 / BURSTS_PER_S)
    return sent


def main() -> None:
    """Send one flood."""
    kind, port, rate, seconds, senders = sys.argv[1:]
    links = links_to(int(port), int(senders))
    print(flood(packets_of(kind), links, float(rate), float(seconds)))


if __name__ == "__main__":
    main()
