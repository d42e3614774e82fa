"""A sender in a process of its own: `send.py storm|distinct|inform PORT RATE SECONDS`."""

import select
import socket
import statistics
import sys
import time

from tests.benchmarks.bench_traps import STORM_FINGERPRINTS, packets_of
from tests.benchmarks.load.traps import link_down, send_at_rate

INFORM_PDU = 0xA6
TRAP_PDU = b"\xa7"
RESPONSE_PDU = b"\xa2"
FOUR_BYTES_LONG = 1 << 24


def send_informs(port: int, rate: float, seconds: float) -> None:
    """Send informs and wait for the answers; prints median, 99th percentile and longest in ms."""
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.connect(("127.0.0.1", port))
    link.settimeout(0)
    left: dict[int, float] = {}
    took: list[float] = []
    started = time.perf_counter()
    number = 0
    while (elapsed := time.perf_counter() - started) < seconds + 5:
        if elapsed < seconds:
            while number < elapsed * rate:
                number += 1
                request_id = number | FOUR_BYTES_LONG
                packet = bytearray(link_down(number % STORM_FINGERPRINTS, request_id))
                packet[packet.index(TRAP_PDU)] = INFORM_PDU
                left[request_id] = time.perf_counter()
                link.send(packet)
        elif not left:
            break
        while select.select([link], [], [], 0.0005)[0]:
            answer = link.recv(65_535)
            position = answer.index(b"\x02\x04", answer.index(RESPONSE_PDU)) + 2
            took.append(
                time.perf_counter() - left.pop(int.from_bytes(answer[position : position + 4], "big"))
            )
    if left:
        print(f"{len(left)} informs were never answered", file=sys.stderr)
        sys.exit(1)
    cuts = statistics.quantiles(took, n=100)
    print(statistics.median(took) * 1000, cuts[98] * 1000, max(took) * 1000)


def main() -> None:
    """Send one load and print how many packets left."""
    kind, port, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    if kind == "inform":
        send_informs(port, rate, seconds)
    else:
        print(send_at_rate(packets_of(kind), port, rate=rate, seconds=seconds))


if __name__ == "__main__":
    main()
