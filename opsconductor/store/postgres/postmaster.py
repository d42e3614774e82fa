"""Detection of a PostgreSQL server in a folder, from its `postmaster.pid` and /proc."""

from dataclasses import dataclass
from pathlib import Path

from opsconductor.store.postgres.cluster import socket_folder

PID, SOCKET_FOLDER, STATUS = 0, 4, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """The main process of a running server.

    Attributes:
        status: `starting`, `stopping`, `ready`; empty while it has not written one.

    Source:
        PostgreSQL, src/include/utils/pidfile.h.
    """

    pid: int
    socket_folder: str
    status: str


def find(cluster: Path) -> Postmaster | None:
    """Return the server that runs in the folder, or None.

    A process id alone proves nothing, since ids are reused: the process must be PostgreSQL with that
    working directory, as every process of the server.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[PID].isdecimal() or not _works_in(lines[PID], cluster):
        return None
    lines += [""] * (STATUS + 1 - len(lines))
    return Postmaster(
        pid=int(lines[PID]), socket_folder=lines[SOCKET_FOLDER].strip(), status=lines[STATUS].strip()
    )


def clear_stale(cluster: Path) -> bool:
    """Remove the lock files of a server all of whose processes are gone.

    A new server refuses to start while the process id in `postmaster.pid` or in the lock of its socket
    exists, and it may belong to another program by now: in a restarted container ids repeat.

    Returns:
        False while processes of a server whose main process is gone are still ending.
    """
    processes = (entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    if any(_works_in(process, cluster) for process in processes):
        return False
    for lock in (cluster / "postmaster.pid", *socket_folder(cluster).glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)
    return True


def _works_in(pid: str, cluster: Path) -> bool:
    process = Path("/proc") / pid
    try:
        return (process / "comm").read_text() == "postgres\n" and (process / "cwd").readlink() == cluster
    except OSError:
        return False
