"""Settings of the outbox worker, with their reasons."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from pydantic import HttpUrl

from opsconductor.config.sections.notification import NotificationSettings
from opsconductor.limits import Backoff
from opsconductor.model.notifications.notification import AttachedFile
from opsconductor.notify.ack_link import AckLinks

Draw = Callable[[Mapping[str, object]], Awaitable[AttachedFile | None]]
"""Returns the picture that belongs to the facts of an alert, or None; does not raise."""
RETRY = Backoff()
PROBE = Backoff(first=timedelta(seconds=2), longest=timedelta(seconds=30))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """Times and numbers of the outbox worker.

    Attributes:
        poll_every: Interval at which the outbox is read without being woken; the wake-up is only a hint.
        slots: Messages in flight per channel, so that one that hangs does not block others.
        send_timeout: Timeout of an attempt; channels have shorter timeouts of their own.
        lease_reserve: Time beyond `send_timeout` for which a claim lasts: enough to store the outcome.
        finish_within: When the daemon stops, time for messages in flight to arrive.
        retry: Pauses between the attempts of one message.
        probe: Pauses of a channel that is down; after each, one message tests it.
        longest_wait: Maximum wait that the other side of a channel may request (`Retry-After`).
        fair_after: One message of each channel that has waited this long is delivered every
            `promote_every`, however many more urgent ones there are.
        public_url: Public address of the operators' page; empty: messages carry no link.
        ack_links: Makes the acknowledge links; None: messages carry none.
        draw: Draws the pictures of messages; None: messages have none.
        time_zone: Time zone of the times; None: the machine's own.
    """

    poll_every: timedelta = timedelta(seconds=1)
    slots: int = 4
    send_timeout: timedelta = timedelta(seconds=60)
    lease_reserve: timedelta = timedelta(seconds=60)
    finish_within: timedelta = timedelta(seconds=3)
    retry: Backoff = RETRY
    probe: Backoff = PROBE
    longest_wait: timedelta = timedelta(minutes=5)
    fair_after: timedelta = timedelta(minutes=10)
    promote_every: timedelta = timedelta(seconds=5)
    public_url: str = ""
    time_zone: tzinfo | None = None
    ack_links: AckLinks | None = None
    draw: Draw | None = None

    @property
    def lease(self) -> timedelta:
        """Duration of a claim's lease."""
        return self.send_timeout + self.lease_reserve


def delivery_settings(
    settings: NotificationSettings,
    public_url: HttpUrl | None,
    ack_links: AckLinks | None = None,
    draw: Draw | None = None,
) -> DeliverySettings:
    """Return the settings of the outbox worker from those of the administrator."""
    return DeliverySettings(
        longest_wait=settings.longest_wait,
        public_url=str(public_url) if public_url else "",
        ack_links=ack_links,
        draw=draw,
    )
