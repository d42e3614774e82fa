"""How the outbox is delivered: times and numbers with their reasons."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from pydantic import HttpUrl

from opsconductor.config.notification_settings import NotificationSettings
from opsconductor.limits import Backoff

RETRY = Backoff()
PROBE = Backoff(first=timedelta(seconds=2), longest=timedelta(seconds=30))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """Times and numbers of the outbox worker.

    Attributes:
        poll_every: How often the outbox is read without being woken; the wake-up is only a hint.
        slots: Messages on their way at once per channel, so that one that hangs stops no other.
        send_timeout: No attempt takes longer; channels have shorter timeouts of their own.
        lease_reserve: So much longer than `send_timeout` a claim lasts before others may take it:
            enough to write down the outcome.
        finish_within: When the daemon stops, messages on their way get so long to arrive.
        retry: Pauses between the attempts of one message.
        probe: Pauses of a channel that is down; then one message at a time tries whether it is back.
        longest_wait: The other side of a channel may ask to wait for so long at most (`Retry-After`).
        fair_after: One message of each channel that waits for so long is delivered every
            `promote_every`, however many more urgent ones there are.
        public_url: Address of the operators' page as people reach it; empty: messages carry no link.
        time_zone: In which times are told; None: the machine's own.
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

    @property
    def lease(self) -> timedelta:
        """How long a claim is ours."""
        return self.send_timeout + self.lease_reserve


def delivery_settings(settings: NotificationSettings, public_url: HttpUrl | None) -> DeliverySettings:
    """Return the settings of the outbox worker with what the administrator has set."""
    return DeliverySettings(
        longest_wait=settings.longest_wait, public_url=str(public_url) if public_url else ""
    )
