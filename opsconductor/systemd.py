"""Notifications to systemd, and sockets from it: readiness, reloads, watchdog.

Source:
    sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3).
"""

import os
import socket
import time
from collections.abc import Sequence

FIRST_FD = 3
MICROSECONDS = 1_000_000


def ready(status: str) -> None:
    """Notify that start-up or a reload is complete."""
    _notify("READY=1", f"STATUS={status}")


def extend(within_s: float) -> None:
    """Notify that the start continues, and that the next notification comes within a time."""
    _notify(f"EXTEND_TIMEOUT_USEC={round(within_s * MICROSECONDS)}")


def reloading() -> None:
    """Notify that the configuration is being reloaded."""
    _notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def stopping() -> None:
    """Notify that the daemon is stopping."""
    _notify("STOPPING=1", "STATUS=Committing received events")


def ping() -> None:
    """Notify that the daemon is alive."""
    _notify("WATCHDOG=1")


def is_manager() -> bool:
    """Return True if systemd started this process and listens."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def watchdog_s() -> float | None:
    """Return the interval in seconds in which systemd expects a ping; None: it expects none."""
    usec = os.environ.get("WATCHDOG_USEC")
    pid = os.environ.get("WATCHDOG_PID")
    if not usec or (pid and int(pid) != os.getpid()):
        return None
    return int(usec) / MICROSECONDS


def passed_sockets() -> Sequence[socket.socket]:
    """Take over the datagram sockets that systemd has opened; call once, at start."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    count = int(os.environ.get("LISTEN_FDS", "0"))
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    sockets = [socket.socket(fileno=FIRST_FD + position) for position in range(count)]
    for taken in sockets:
        taken.settimeout(0)
        taken.set_inheritable(False)
    return [taken for taken in sockets if taken.type == socket.SOCK_DGRAM]


def _notify(*lines: str) -> None:
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.sendto("\n".join(lines).encode(), address)
