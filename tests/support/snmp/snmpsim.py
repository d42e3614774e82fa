"""snmpsim as a process on loopback: a correct SNMP agent of v1, v2c and v3 whose values tests can change.

Values are written as snmpsim's records say it, `TYPE|VALUE` by OID: `2|1` INTEGER, `4|text` and `4x|6869`
OCTET STRING, `6|1.3.6` OID, `64|10.0.0.1` IpAddress, `65|7` Counter32, `66|7` Gauge32, `67|500` TimeTicks,
`70|7` Counter64.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.support.ports import free_port

COMMUNITY = "public"
START_TIMEOUT_S = 30

# snmpsim wants pysmi only for a line of text, and to become another user, who could not read our Python.
START = """
import contextlib, sys, types
sys.modules["pysmi"] = types.SimpleNamespace(__version__="absent")
from snmpsim import daemon
daemon.PrivilegesOf = lambda *_, **__: contextlib.nullcontext()
from snmpsim.commands.responder import main
sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class Snmpsim:
    """A running agent; it answers to the community `public`, and to users of v3.

    Attributes:
        folder: Its data, below which `data` holds the records.
    """

    folder: Path
    port: int
    records: dict[str, str] = field(default_factory=dict)
    _changes: Iterator[int] = field(default_factory=lambda: count(1))

    def change(self, records: Mapping[str, str], *, without: Sequence[str] = ()) -> None:
        """Set some values and remove others; the next answer has them."""
        self.records.update(records)
        for oid in without:
            del self.records[oid]
        self.show(self.records, COMMUNITY, "self")  # the second is the context without a name, of v3

    def show(self, records: Mapping[str, str], *communities: str) -> None:
        """Show a whole device under a community."""
        lines = [f"{oid}|{records[oid]}\n" for oid in sorted(records, key=_arcs)]
        # snmpsim looks at whole seconds of the time of change, and at whether the index is younger
        later_s = time.time() + 10 * next(self._changes)
        for name in communities:
            file = self.folder / "data" / f"{name}.snmprec"
            made = file.with_suffix(".new")
            made.write_text("".join(lines), encoding="utf-8")
            os.utime(made, (later_s, later_s))
            made.replace(file)


@contextmanager
def snmpsim(
    folder: Path,
    records: Mapping[str, str],
    users: Sequence[str] = (),
    addresses: Sequence[str] = ("127.0.0.1",),
    communities: Sequence[str] = (),
) -> Iterator[Snmpsim]:
    """Run an agent on a free port until the end.

    Args:
        users: Further command line arguments: `--v3-user=joe`, `--v3-auth-key=...`, ...
        addresses: It answers at each of them.
        communities: Further ones, for `show`; it reads their names at the start only.
    """
    for name in ("data", "cache"):
        (folder / name).mkdir(parents=True)
    agent = Snmpsim(folder, free_port(socket.SOCK_DGRAM))
    agent.change(records)
    agent.show(agent.records, *communities)
    command = [
        *(sys.executable, "-c", START, f"--data-dir={folder / 'data'}", f"--cache-dir={folder / 'cache'}"),
        *users,
        *(f"--agent-udpv4-endpoint={address}:{agent.port}" for address in addresses),
    ]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait_until_it_listens(process, agent.port, log)
        yield agent
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while f":{port:04X} " not in Path("/proc/net/udp").read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(errors="replace"))
        time.sleep(0.02)


def _arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
