"""Sends claimed notifications through their channels, and evaluates how the attempts ended."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from opsconductor import metrics
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel
from opsconductor.connector.outgoing.template_faults import TemplateFaults
from opsconductor.notify.channel_healths import ChannelHealths, Report
from opsconductor.notify.render import Renderer
from opsconductor.notify.sending import SendTask, outcome_of, send_once
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.notifications.outbox import Claimed, Room
from opsconductor.store.notifications.outcomes import Outcome, Postponed, Sent, Undeliverable

log = logging.getLogger(__name__)

NO_TRAITS = ChannelTraits()
OUTCOME_WORDS = {Sent: "sent", Postponed: "retried", Undeliverable: "failed"}


class NotificationSender:
    """The channels, and the state of each.

    Attributes:
        settings: Times and numbers.
        healths: The circuit breakers of the channels.

    Args of the constructor:
        channels: By connector name; read for each message, so it may change meanwhile.
        settings: Times and numbers.
        report: Called when a channel works and when it is down.
        traits: Abilities and limits by channel; read when a channel is new or changed.
        faults: Receives which templates fail; None: they are not counted.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        settings: DeliverySettings,
        report: Report | None = None,
        traits: Mapping[str, ChannelTraits] = MappingProxyType({}),
        faults: TemplateFaults | None = None,
    ) -> None:
        self.settings = settings
        self.healths = ChannelHealths(settings, report, traits)
        self._channels = channels
        self._traits = traits
        renderer = partial(Renderer, settings.time_zone, public_url=settings.public_url, faults=faults)
        self._renderer = renderer()
        self._linking = renderer(ack_links=settings.ack_links)

    def room(self) -> tuple[dict[str, Room], Room]:
        """Return what each known channel may be given now, and what any other one may."""
        now = datetime.now(UTC)
        self.healths.use(self._channels, now)
        new = Room(slots=self.settings.slots, retries=max(1, self.settings.slots - 1))
        return self.healths.room(now), new

    def start(self, claimed: Claimed, when_done: Callable[[], None]) -> SendTask:
        """Send a message in a task of its own."""
        traits = self._traits.get(claimed.channel, NO_TRAITS)
        sending = send_once(
            self._channels.get(claimed.channel),
            claimed,
            renderer=self._linking if traits.acknowledge_back else self._renderer,
            within=self.settings.send_timeout,
            draw=self.settings.draw if traits.pictures else None,
        )
        task = asyncio.create_task(sending, name=f"notification {claimed.id}")
        task.add_done_callback(lambda _: when_done())
        send_task = SendTask(claimed=claimed, task=task, started_at=datetime.now(UTC))
        self.healths.started(send_task)
        return send_task

    def ended(self, send_task: SendTask) -> Outcome:
        """Return the outcome of an ended attempt, and update its channel."""
        now = datetime.now(UTC)
        outcome = outcome_of(send_task, self.settings.retry, now, random.random())  # noqa: S311 - jitter
        if send_task.task.cancelled():
            self.healths.stopped(send_task)
            return outcome
        self.healths.ended(send_task, now, send_task.task.exception())
        metrics.notifications.labels(send_task.claimed.channel, OUTCOME_WORDS[type(outcome)]).inc()
        if isinstance(outcome, Undeliverable):
            _log_dead_letter(send_task.claimed, outcome)
        return outcome


def _log_dead_letter(claimed: Claimed, outcome: Undeliverable) -> None:
    log.error(
        "notification is given up",
        extra={
            "notification_id": str(claimed.id),
            "alert_id": str(claimed.alert_id),
            "channel": claimed.channel,
            "recipient": claimed.recipient,
            "attempt": claimed.attempt,
            "error": outcome.error,
        },
    )
