"""Periodic polling at fixed times, independent of the duration of a poll."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import random

from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Emit
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.event import RawEvent

Poll = Callable[[], Awaitable[Sequence[RawEvent]]]
"""Poll once and return the findings; raises Unreachable or Rejected, and then ends no alert."""

Failed = Callable[[Unreachable | Rejected], Sequence[RawEvent]]
"""Return the event that the system itself did not answer."""


async def poll_forever(poll: Poll, every: timedelta, emit: Emit, *, spread: timedelta = timedelta(0)) -> None:
    """Poll until cancelled, and emit the findings.

    A poll that lasts longer than `every` delays the next one; missed polls are not made up for.

    Args:
        spread: The first poll starts at a random moment within it, so that many do not start at once.
    """
    loop = asyncio.get_running_loop()
    due_s = loop.time() + random() * spread.total_seconds()  # noqa: S311 - jitter
    while True:
        await asyncio.sleep(due_s - loop.time())
        await emit(await poll())
        due_s = max(due_s + every.total_seconds(), loop.time())


def watched(poll: Poll, failed: Failed, context: ConnectorContext) -> Poll:
    """Convert a failed poll to an event instead of an exception, and report it in the connector's status.

    For connectors that poll one system; with many systems, one that does not answer is no fault of the
    connector.
    """

    async def watch() -> Sequence[RawEvent]:
        context.report_polling()
        try:
            found = await poll()
        except (Unreachable, Rejected) as error:
            context.report_down(error)
            return failed(error)
        context.report_up()
        return found

    return watch
