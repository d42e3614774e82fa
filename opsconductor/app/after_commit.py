"""Notification of other parts after a commit."""

import asyncio
from collections.abc import Callable

from opsconductor.app.connectors.acknowledge import Acknowledgements
from opsconductor.app.connectors.verification import Verification
from opsconductor.model.changes import Changes
from opsconductor.pipeline.feed import Feed


def announcer(
    feed: Feed, outbox_wake: asyncio.Event, verification: Verification, acknowledgements: Acknowledgements
) -> Callable[[Changes], None]:
    """Publish committed changes to the live feed, outbox worker, verification and acknowledging sources."""

    def announce(changes: Changes) -> None:
        feed.publish(changes)
        verification.note(changes)
        acknowledgements.enqueue(changes)
        if changes.notifications:
            outbox_wake.set()

    return announce
