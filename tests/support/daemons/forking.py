"""Daemons that are forked from a process which has imported everything: their imports take no time.

All workers of a run have them forked from one process, which ends with the last worker. Half of the
processor time of a short-lived daemon is its imports. What a daemon does from `main` on, its process,
signals, files and exit status are those of one that was started by its command.
"""

import asyncio
import atexit
import errno
import gc
import json
import os
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from select import select

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.api.handlers.page import render
from opsconductor.cli import imported
from opsconductor.mib.lookup import standard_facts

ROOT = Path(__file__).resolve().parents[3]
FIRST_FD = 3
"""Address of a passed socket, by sd_listen_fds(3)."""

RUN = "OPSCONDUCTOR_TESTS_RUN"
"""Variable with a name of the run, for its workers."""

LARGEST = 64 * 1024
"""Bytes of a request: arguments, folder and environment as JSON."""


class ForkedProcess:
    """A forked daemon: what tests use of `asyncio.subprocess.Process`.

    Attributes:
        pid: Its process.
        returncode: None while it runs; its exit status, or the negative number of a signal.
    """

    def __init__(self, pid: int, link: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._loop.add_reader(link, self._read_status)

    async def wait(self) -> int:
        """Wait until it ends; returns the exit status."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, how: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, how)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Wait no longer for its end."""
        if self._link.fileno() != -1 and not self._loop.is_closed():
            self._loop.remove_reader(self._link)
        self._link.close()

    def _read_status(self) -> None:
        self.returncode = int(self._link.recv(LARGEST))
        self.close()
        self._ended.set()


async def forked(
    arguments: Sequence[str], cwd: Path, environment: dict[str, str], log: int, lent: int | None = None
) -> ForkedProcess:
    """Fork a process that runs `opsconductor` with these arguments; both its outputs go to `log`.

    Args:
        lent: A socket that the process gets as from systemd.
    """
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    request = json.dumps([list(arguments), str(cwd), environment]).encode()
    with theirs, socket.socket(fileno=os.dup(_server())) as server:
        socket.send_fds(server, [request], [theirs.fileno(), log, *([] if lent is None else [lent])])
    pid = int(await asyncio.get_running_loop().sock_recv(ours, LARGEST))
    return ForkedProcess(pid, ours)


@cache
def _server() -> int:
    """Connect to the process to fork from, and start it if none of the run's workers has.

    Returns:
        The connection: the process ends when all are closed.
    """
    name = f"\0opsconductor-tests-{os.environ.get(RUN, os.getpid())}"
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            listener.bind(name)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            _join(link, name)
            return link.detach()
        listener.listen()
        link.connect(name)
        listener.set_inheritable(True)
        command = [sys.executable, "-P", __file__, str(listener.fileno())]
        no_input = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        os.posix_spawn(sys.executable, command, os.environ, file_actions=[no_input])
    return link.detach()


def _join(link: socket.socket, name: str) -> None:
    """Connect to the process that another worker starts in this moment, or has started."""
    while True:
        try:
            link.connect(name)
        except ConnectionRefusedError:
            time.sleep(0.01)  # it does not listen yet
        else:
            return


@dataclass(frozen=True, slots=True)
class _Request:
    """The parameters of a child."""

    arguments: Sequence[str]
    cwd: str
    environment: dict[str, str]
    log: int
    lent: int | None


def _serve(listener: socket.socket) -> _Request | None:
    """Fork a child for each request; returns in the child what it is to run, and None at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    workers = [listener.accept()[0]]
    while workers:
        ready = select([listener, *workers], [], [])[0][0]
        if ready is listener:
            workers.append(listener.accept()[0])
            continue
        content, descriptors, _, _ = socket.recv_fds(ready, LARGEST, 3)
        if not content:
            workers.remove(ready)
            ready.close()
            continue
        link, log, *lent = descriptors
        if os.fork() == 0:
            for each in (listener, *workers):
                each.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _stay_until_it_ends(socket.socket(fileno=link))
            arguments, cwd, environment = json.loads(content)
            return _Request(arguments, cwd, environment, log, *lent or [None])
        for descriptor in descriptors:
            os.close(descriptor)
    return None


def _stay_until_it_ends(link: socket.socket) -> None:
    """Fork once more and return in the child; send its number and its exit status, and exit.

    The child is killed when its starter has closed the connection.
    """
    pid = os.fork()
    if pid == 0:
        link.close()
        return
    link.send(str(pid).encode())
    ended = os.pidfd_open(pid)
    if ended not in select([ended, link.fileno()], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):  # no caller waits any more
        link.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(request: _Request) -> None:
    """Become a process like one started by its command."""
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.dup2(request.log, 1)
    os.dup2(request.log, 2)
    os.close(request.log)
    if request.lent is not None:
        if request.lent != FIRST_FD:
            os.dup2(request.lent, FIRST_FD)
            os.close(request.lent)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    packages = request.environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [request.cwd, *filter(None, packages)]
    sys.argv = [str(ROOT / "opsconductor" / "__main__.py"), *request.arguments]
    try:
        runpy.run_module("opsconductor", run_name="__main__")
    except SystemExit as ended:
        if not isinstance(ended.code, int):
            raise
        _exit(ended.code)


def _exit(status: int) -> None:
    """End as the interpreter does, but leave the objects of imported modules to the kernel.

    To free them one by one takes 0.1 s, and copies the memory that is shared with other processes.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main(descriptor: int) -> None:
    """Import and build what all daemons need, and fork them."""
    imported("opsconductor.cli.run")
    for types in (SOURCES, INVENTORIES, CHANNELS):
        list(types.values())
    render(version("opsconductor"))  # as `standard_facts`, the same for all
    standard_facts()
    assert threading.active_count() == 1, "a fork copies one thread only"
    gc.freeze()  # a collection in a child would write to, and so copy, what it shares with the others
    request = _serve(socket.socket(fileno=descriptor))
    if request is not None:
        _run(request)


if __name__ == "__main__":
    main(int(sys.argv[1]))
