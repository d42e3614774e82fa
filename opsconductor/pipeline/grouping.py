"""Grouping of messages whose senders wait for their commit, so that one commit serves many of them.

A sender that has got its answer sends the next message at once. Without a pause the first of them would
have a commit of its own, and the others, which come a moment later, would wait for it.

Source:
    PostgreSQL manual, `commit_delay` and `commit_siblings`, which do the same for transactions.
"""

import asyncio
from collections.abc import Callable

from opsconductor.pipeline.intake import Intake

SHORTEST_S, LONGEST_S = 0.001, 0.01
"""Maximum pause: after pauses in which few messages came, and after others. uvloop counts milliseconds."""
LEAST_SHARE = 0.25
"""Pause as a share of the duration of the last batch that is always tried."""


class CommitGroup:
    """Waits for as many messages as there are senders in a conversation with the daemon.

    A pause lasts at most as long as the batch before it. The limit doubles after a pause in which at least
    half of the messages came that were awaited, and is halved after another, down to a quarter of the batch:
    senders that post at random times are hardly waited for.

    Attributes:
        senders: Number of senders in a conversation with the daemon; 0: `gather` has nothing to wait for.
    """

    def __init__(
        self, intake: Intake, *, shortest_s: float = SHORTEST_S, longest_s: float = LONGEST_S
    ) -> None:
        self._intake = intake
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self.senders = 0
        self._took_s = 0.0
        self._limit_s = shortest_s

    @property
    def pause_s(self) -> float:
        """Maximum length of the next pause in seconds."""
        least_s = max(self._took_s * LEAST_SHARE, self._shortest_s)
        return min(max(min(self._limit_s, self._took_s), least_s), self._longest_s)

    def note(self, answered: int, took_s: float) -> None:
        """Record a batch.

        Args:
            answered: Number of its messages whose senders waited for the commit.
            took_s: Its duration in seconds.
        """
        self.senders = answered + len(self._intake) if answered else 0
        self._took_s = took_s

    async def gather(self, is_urgent: Callable[[], bool]) -> None:
        """Wait until all of these senders have sent their next message, or a moment has passed.

        Args:
            is_urgent: Returns True when there is something else to do.
        """
        present = len(self._intake)
        if not 0 < present < self.senders:
            return
        await self._pause(is_urgent)
        if len(self._intake) - present >= (self.senders - present) / 2:
            self._limit_s = min(2 * self._limit_s, self._longest_s)
        else:
            self._limit_s = max(self._limit_s / 2, self._shortest_s)

    async def _pause(self, is_urgent: Callable[[], bool]) -> None:
        wake = self._intake.wake
        self._intake.expect(self.senders)  # to be woken by each message would cost more than to take it
        try:
            async with asyncio.timeout(self.pause_s):
                while len(self._intake) < self.senders and not is_urgent():
                    wake.clear()
                    await wake.wait()
        except TimeoutError:
            return
        finally:
            self._intake.expect(1)
