"""Blocks of the event loop of a second or more: logged, and remembered with what blocked it."""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread, get_ident

log = logging.getLogger(__name__)

BLOCKED_S = 1.0
"""From this length in seconds on a block is logged."""
LOOK_EVERY_S = 0.25
LONG_S = 10.0
"""A block that lasts longer is logged before it ends: systemd's watchdog may kill the daemon."""
LOG_EVERY_S = 60.0
MOST_BLOCKS = 1_000
MOST_FRAMES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBlock:
    """One time for which the event loop was blocked.

    Attributes:
        task: Name of the task that ran; empty: none, or it is not known.
        stack: The innermost functions with file and line, the innermost first; empty: not known.
    """

    ended_at: datetime
    seconds: float
    task: str
    stack: str


class LoopBlocks:
    """Remembers the latest blocks; a thread takes the stack of the event loop while it is blocked.

    Args of the constructor:
        looked_s: Returns when the event loop last ran, in seconds of the monotonic clock.
    """

    def __init__(self, looked_s: Callable[[], float]) -> None:
        self._looked_s = looked_s
        self._blocks: deque[LoopBlock] = deque(maxlen=MOST_BLOCKS)
        self._unlogged = 0
        self._logged_s = -LOG_EVERY_S
        self._cause = (0.0, "", "")
        self._is_stopped = Event()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the thread; call it in the thread of the event loop."""
        Thread(target=self._watch, args=(loop, get_ident()), name="loop blocks", daemon=True).start()

    def stop(self) -> None:
        """Stop the thread."""
        self._is_stopped.set()

    def since(self, at: datetime) -> Sequence[LoopBlock]:
        """Return the blocks that ended after a time, the oldest first."""
        return [block for block in self._blocks if block.ended_at > at]

    def cause_since(self, since_s: float) -> tuple[str, str]:
        """Return task and stack of the block that began when the event loop last ran; empty: not known."""
        began_s, task, stack = self._cause
        return (task, stack) if began_s == since_s else ("", "")

    def note(self, since_s: float, now_s: float) -> None:
        """Record that the event loop runs again after a block; log it, at most once a minute."""
        seconds, (task, stack) = now_s - since_s, self.cause_since(since_s)
        self._blocks.append(LoopBlock(ended_at=datetime.now(UTC), seconds=seconds, task=task, stack=stack))
        self._unlogged += 1
        if now_s - self._logged_s < LOG_EVERY_S:
            return
        log.warning(
            "the event loop was blocked, nothing was received or sent",
            extra={"seconds": round(seconds, 1), "task": task, "stack": stack, "amount": self._unlogged},
        )
        self._unlogged, self._logged_s = 0, now_s

    def _watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """Take task and stack once a block lasts long enough; log one that does not end."""
        logged_s = 0.0
        while not self._is_stopped.wait(LOOK_EVERY_S):
            since_s = self._looked_s()
            lasts_s = time.monotonic() - since_s
            if lasts_s >= BLOCKED_S and self._cause[0] != since_s:
                self._cause = (since_s, *_what_runs(loop, thread))
            if lasts_s >= LONG_S and logged_s != since_s:
                task, stack = self.cause_since(since_s)
                extra = {"seconds": round(lasts_s, 1), "task": task, "stack": stack}
                log.warning("the event loop is blocked, nothing is received or sent", extra=extra)
                logged_s = since_s


def _what_runs(loop: asyncio.AbstractEventLoop, thread: int) -> tuple[str, str]:
    """Return the name of the running task, empty if a callback runs, and the stack of the loop's thread."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - described in Python's manual
    task = asyncio.current_task(loop)
    stack: list[str] = []
    while frame is not None and len(stack) < MOST_FRAMES:
        code = frame.f_code
        if code is asyncio.Handle._run.__code__:  # noqa: SLF001 - below it is only the loop itself
            break
        stack.append(f"{code.co_filename}:{frame.f_lineno} in {code.co_name}")
        frame = frame.f_back
    return "" if task is None else task.get_name(), " < ".join(stack)
