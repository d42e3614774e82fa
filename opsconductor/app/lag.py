"""Measures how late the event loop is: whatever holds it makes pages, answers and traps wait."""

import asyncio
from collections import deque

from opsconductor import metrics

LOOK_EVERY_S = 0.02
"""Shorter than a block that matters (50 ms), so that none goes unseen; costs a thousandth of a core."""
REMEMBERED_S = 60.0


class LoopLag:
    """Looks at the clock again and again, and notes by how much each look came too late."""

    def __init__(self) -> None:
        self._latest: deque[tuple[float, float]] = deque()
        self._now_s = 0.0

    @property
    def longest_s(self) -> float:
        """Tell the longest time of the last minute for which nothing else could happen."""
        since_s = self._now_s - REMEMBERED_S
        return max((lag_s for at_s, lag_s in self._latest if at_s >= since_s), default=0.0)

    async def watch(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LOOK_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)
            self.note(loop.time() - due_s, loop.time())

    def note(self, lag_s: float, now_s: float) -> None:
        """Take a look that came so much too late; of each second the longest is remembered."""
        metrics.event_loop_lag_seconds.observe(max(0.0, lag_s))
        self._now_s = now_s
        if self._latest and int(self._latest[-1][0]) == int(now_s):
            if lag_s > self._latest[-1][1]:
                self._latest[-1] = (now_s, lag_s)
            return
        self._latest.append((now_s, lag_s))
        while self._latest[0][0] < now_s - REMEMBERED_S:
            self._latest.popleft()
