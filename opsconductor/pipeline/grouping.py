"""Grouping of messages whose senders wait for their commit, so that one commit serves many of them.

A sender that has got its answer sends the next message at once. Without a pause the first of them would
have a commit of its own, and the others, which come a moment later, would wait for it.

Source:
    PostgreSQL manual, `commit_delay` and `commit_siblings`, which do the same for transactions.
"""

import asyncio
from collections.abc import Callable

from opsconductor.pipeline.intake import Intake

LONGEST_S = 0.01
"""Maximum pause."""
SHARE = 0.5
"""Pause as a share of the duration of the last commit."""


class CommitGroup:
    """Waits for as many messages as there are senders in a conversation with the daemon."""

    def __init__(self, intake: Intake, *, longest_s: float = LONGEST_S) -> None:
        self._intake = intake
        self._longest_s = longest_s
        self._senders = 0
        self._pause_s = 0.0

    def note(self, answered: int, took_s: float) -> None:
        """Record a batch.

        Args:
            answered: Number of its messages whose senders waited for the commit.
            took_s: Its duration in seconds.
        """
        self._senders = answered + len(self._intake) if answered else 0
        self._pause_s = min(self._longest_s, took_s * SHARE)

    async def gather(self, is_urgent: Callable[[], bool]) -> None:
        """Wait until all of these senders have sent their next message, or a moment has passed.

        Args:
            is_urgent: Returns True when there is something else to do.
        """
        if not 0 < len(self._intake) < self._senders:
            return
        wake = self._intake.wake
        self._intake.expect(self._senders)  # to be woken by each message would cost more than to take it
        try:
            async with asyncio.timeout(self._pause_s):
                while len(self._intake) < self._senders and not is_urgent():
                    wake.clear()
                    await wake.wait()
        except TimeoutError:
            return
        finally:
            self._intake.expect(1)
