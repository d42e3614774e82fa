"""Who hears of what has become durable."""

import asyncio
from collections.abc import Callable

from opsconductor.app.connectors.acknowledge import Acknowledgements
from opsconductor.app.connectors.verification import Verification
from opsconductor.model.changes import Changes
from opsconductor.pipeline.feed import Feed


def announcer(
    feed: Feed, outbox_wake: asyncio.Event, verification: Verification, acknowledgements: Acknowledgements
) -> Callable[[Changes], None]:
    """Tell the live feed, the outbox worker, who looks at devices, and the systems that alerts came from."""

    def announce(changes: Changes) -> None:
        feed.publish(changes)
        verification.note(changes)
        acknowledgements.hear(changes)
        if changes.notifications:
            outbox_wake.set()

    return announce
