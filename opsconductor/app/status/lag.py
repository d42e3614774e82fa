"""Measurement of event loop lag: blocking delays pages, answers and traps."""

import asyncio
from collections import deque

from opsconductor import metrics
from opsconductor.app.status import loop_blocks

LOOK_EVERY_S = 0.02
"""Interval in seconds; shorter than a block that matters (50 ms), and costs a thousandth of a core."""
REMEMBERED_S = 60.0


class LoopLag:
    """Wakes up at a fixed interval, and records how late each wake-up was.

    Attributes:
        blocks: The long ones, with what blocked.
        looked_s: When it last woke up.
    """

    def __init__(self) -> None:
        self._latest: deque[tuple[float, float]] = deque()
        self.looked_s = 0.0
        self.blocks = loop_blocks.LoopBlocks(lambda: self.looked_s)

    @property
    def longest_s(self) -> float:
        """Return the longest time in the last minute for which the loop was blocked."""
        since_s = self.looked_s - REMEMBERED_S
        return max((lag_s for at_s, lag_s in self._latest if at_s >= since_s), default=0.0)

    async def watch(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        self.looked_s = loop.time()
        self._look_at(self.looked_s + LOOK_EVERY_S, loop)
        self.blocks.start(loop)
        try:
            await asyncio.Event().wait()
        finally:
            self._timer.cancel()
            self.blocks.stop()

    def _look_at(self, due_s: float, loop: asyncio.AbstractEventLoop) -> None:
        """Set the timer of the next measurement; a task that sleeps takes twice as long."""
        self._timer = loop.call_at(due_s, self._look, due_s, loop)

    def _look(self, due_s: float, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        if now_s - self.looked_s >= loop_blocks.BLOCKED_S:
            self.blocks.note(self.looked_s, now_s)
        self.note(now_s - due_s, now_s)
        self._look_at(now_s + LOOK_EVERY_S, loop)

    def note(self, lag_s: float, now_s: float) -> None:
        """Record a lag; the largest of each second is kept."""
        metrics.event_loop_lag_seconds.observe(max(0.0, lag_s))
        self.looked_s = now_s
        if self._latest and int(self._latest[-1][0]) == int(now_s):
            if lag_s > self._latest[-1][1]:
                self._latest[-1] = (now_s, lag_s)
            return
        self._latest.append((now_s, lag_s))
        while self._latest[0][0] < now_s - REMEMBERED_S:
            self._latest.popleft()
