"""CPU time of processes, as the kernel accounts it."""

import os
from dataclasses import dataclass
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")

AS_COMMAND = ("env",)
"""Wrapper of a measured daemon: its command is started, where tests fork theirs from a process of them."""


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Seconds of processor time, user and system together."""

    seconds: float

    def since(self, earlier: "CpuTime") -> float:
        """Seconds used since an earlier reading."""
        return self.seconds - earlier.seconds


def cpu_of(pid: int) -> CpuTime:
    """Read the time that one process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return CpuTime((int(fields[11]) + int(fields[12])) * TICK_S)


def cpu_of_tree(pid: int) -> CpuTime:
    """Read the time that a process, its children and those they have waited for have used."""
    total = 0.0
    for process in [pid, *descendants(pid)]:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        own = int(fields[11]) + int(fields[12])
        waited_for = int(fields[13]) + int(fields[14])
        total += (own + waited_for) * TICK_S
    return CpuTime(total)


def descendants(pid: int) -> list[int]:
    """List the processes below a process."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def postmaster_of(data_dir: Path) -> int:
    """Read the process id of the embedded PostgreSQL of a data directory."""
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
