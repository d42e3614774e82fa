"""Record the path of one trap, from the socket to the commit: `python -m tests.support.walk`.

A daemon runs in a process of its own, in which every Python call is recorded once it is ready. Two equal
linkDown traps are sent: the first opens an alert and notifies a webhook, the second is a repeat. Printed are
the files in the order in which they are entered, with their functions. Calls of tasks that only happen to run
meanwhile are left out, and those for batches before the trap's.
"""

import asyncio
import json
import re
import signal
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from opsconductor.cli import main as run_command
from tests.support.daemons.daemon import Daemon

ROOT = Path(__file__).resolve().parents[2]
OURS = (f"{ROOT}/opsconductor/", f"{ROOT}/connectors/")
RECEIVER = "listen"
CARRIERS = ("pipeline", "write", RECEIVER, "Task-")
"""Beginning of the names of tasks that carry a trap; asyncio names those that wait for a commit."""
MAIN_TASK = "Task-1"
PIPELINE_WAKES = "PipelineLoop._wait"
"""It runs when something has arrived: the interpreter counts the resumption of a coroutine as a call."""
LAST_CALL = "announcer.<locals>.announce"
BEGIN = signal.SIGUSR2
"""From this signal on calls are recorded: a start is faster without."""
COMMITTED_WITHIN_S = 30.0
SELF_REPORT = re.compile(r'connector_events_total{connector="opsconductor",.*stage="normalized"} [1-9]')
TITLES = ("a new alert", "a repeat")
LINK_DOWN = ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7")

Call = tuple[str, str]
"""File below the root, and function."""


class WalkedDaemon(Daemon):
    """A daemon that records its calls into a file."""

    @property
    def calls(self) -> Path:
        """Return the file with the walks of all messages."""
        return self.folder / "calls.json"

    def command(self, *arguments: str) -> list[str]:
        """Spell the command line with the recorder in front."""
        recorder = [sys.executable, "-m", "tests.support.walk", str(self.calls)]
        return [*recorder, "--config", str(self.folder / "opsconductor.yaml"), *arguments]

    async def settled(self) -> None:
        """Wait until what the daemon reports about itself at its start is committed, not to mix with a trap.

        Raises:
            TimeoutError: It was not committed in time.
        """
        async with asyncio.timeout(COMMITTED_WITHIN_S):
            while not SELF_REPORT.search(await asyncio.to_thread(self._metrics)):
                await asyncio.sleep(0.1)

    def _metrics(self) -> str:
        url = f"http://127.0.0.1:{self.api_port}/metrics"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.local_token()}"})
        with urllib.request.urlopen(request, timeout=COMMITTED_WITHIN_S) as answer:  # noqa: S310 - http
            return str(answer.read(), "utf-8")

    async def walks(self, amount: int) -> list[list[Call]]:
        """Wait until so many traps are committed; return the calls of each.

        Raises:
            TimeoutError: They were not committed in time, or nothing was recorded.
        """
        async with asyncio.timeout(COMMITTED_WITHIN_S):
            return await self._walks(amount)

    async def _walks(self, amount: int) -> list[list[Call]]:
        while True:
            if self.calls.exists():
                walks = json.loads(self.calls.read_text())
                if len(walks) >= amount:
                    return [[(file, function) for file, function in walk] for walk in walks]
            await asyncio.sleep(0.1)


class Recorder:
    """Records the calls of our code between a datagram and the announcement of what is committed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._walks: list[list[Call]] = []
        self._received: list[Call] = []
        self._handled: list[Call] = []
        self._is_admitted = False
        self._is_normalized = False

    def begin(self, *_: object) -> None:
        """Begin to record; called at the signal."""
        self._write()
        sys.setprofile(self.note)

    def note(self, frame: FrameType, event: str, argument: object) -> None:
        """Note one call; called by the interpreter."""
        del argument
        path, function = frame.f_code.co_filename, frame.f_code.co_qualname
        if event != "call" or not path.startswith(OURS):
            return
        if function == "TrapPort.receive" and not self._is_admitted:
            self._received, self._handled = [], []
        self._is_admitted = self._is_admitted or function == "TrapReceiver.admit"
        self._is_normalized = self._is_normalized or function == "SnmpTrapSource.normalize"
        if function == PIPELINE_WAKES and not self._is_normalized:
            self._handled = []  # was done for earlier batches
        task = task_name()
        if is_carrier(task):
            calls = self._received if task.startswith(RECEIVER) else self._handled
            calls.append((path.removeprefix(f"{ROOT}/"), function))
        if function == LAST_CALL and self._is_normalized:
            self._walks.append([*self._received, *self._handled])
            self._is_admitted = self._is_normalized = False
            self._write()

    def _write(self) -> None:
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(self._walks))
        partial.rename(self._file)


def task_name() -> str:
    """Return the name of the task that runs in this thread; empty: none."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return ""
    return "" if task is None else task.get_name()


def is_carrier(task: str) -> bool:
    """Return whether a task of this name carries traps."""
    return task != MAIN_TASK and task.startswith(CARRIERS)


def report(title: str, walk: Sequence[Call]) -> None:
    """Print the files of a walk in their order, and how many there are in each folder."""
    files: dict[str, dict[str, None]] = {}
    for file, function in walk:
        files.setdefault(file, {})[function] = None
    functions = sum(map(len, files.values()))
    print(f"\n{title}: {len(files)} files, {functions} functions, {len(walk)} calls\n")  # noqa: T201
    for file, names in files.items():
        print(f"  {file}: {', '.join(names)}")  # noqa: T201
    for folder, amount in Counter(str(Path(file).parent) for file in files).most_common():
        print(f"  {amount:3} {folder}")  # noqa: T201


async def walk_twice(folder: Path, cluster: Path | None = None) -> Mapping[str, Sequence[Call]]:
    """Send the same trap twice to a daemon; return the walk of each by its title.

    Args:
        cluster: An embedded PostgreSQL for the daemon to copy; None: it makes one.
    """
    daemon = WalkedDaemon(folder, cluster=cluster)
    hook = {"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:9"}}
    rule = {"name": "all", "conditions": {"alert_type": ["network_*"]}, "channels": [{"channel": "hook"}]}
    daemon.declare("hook", connectors=[hook], notification_rules=[rule])
    await daemon.start("env")  # a process of its own: one that is forked has no recorder
    try:
        assert daemon.process is not None
        await daemon.settled()
        daemon.process.send_signal(BEGIN)
        await daemon.walks(0)
        found = {}
        for number, title in enumerate(TITLES, start=1):
            await daemon.trap(*LINK_DOWN)
            found[title] = (await daemon.walks(number))[-1]
        return found
    finally:
        await daemon.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        recorder = Recorder(Path(sys.argv.pop(1)))
        signal.signal(BEGIN, recorder.begin)
        run_command()
    else:
        with tempfile.TemporaryDirectory(prefix="opsconductor-walk-") as name:
            for title, walk in asyncio.run(walk_twice(Path(name))).items():
                report(title, walk)
