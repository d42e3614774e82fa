"""Circuit breakers of all channels, with logs and status on every change."""

import logging
import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel
from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Rate
from opsconductor.model.enums import ConnectorStatus
from opsconductor.notify.channel_health import ChannelHealth
from opsconductor.notify.sending import SendTask, is_foreseen, text_of
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.notifications.outbox import Room

log = logging.getLogger(__name__)

HURRY_EVERY = timedelta(seconds=30)
"""Minimum interval between two times that a recovered channel's failed messages are made due."""

Report = Callable[[str, ConnectorStatus, str | None], None]
"""Called with a channel's name, its new status and, when it fails, the reason."""


class ChannelHealths:
    """The circuit breaker of each channel by name, created on first use."""

    def __init__(
        self,
        settings: DeliverySettings,
        report: Report | None,
        traits: Mapping[str, ChannelTraits] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._report = report
        self._traits = traits
        self._healths: dict[str, ChannelHealth] = {}
        self._announced: dict[str, ConnectorStatus] = {}
        self._known_faults: set[tuple[str, str]] = set()
        self._back: set[str] = set()
        self._errors: dict[str, str] = {}
        self._hurried_at: dict[str, datetime] = {}
        self._channels: dict[str, Channel] = {}
        self._changed_at: dict[str, datetime] = {}

    def use(self, channels: Mapping[str, Channel], now: datetime) -> None:
        """Update the set of channels; one that a reload has created or replaced starts without a pause."""
        for name, health in self._healths.items():
            if channels.get(name) is not self._channels.get(name):
                health.renew(self._slots(name), self._rate(name))
                self._changed_at[name] = now
                if name in channels:
                    self._back.add(name)
                    self._hurried_at.pop(name, None)
        for name in channels:
            self._health(name)
        self._channels = dict(channels)

    def room(self, now: datetime) -> dict[str, Room]:
        """Return what each channel may be given."""
        return {name: health.room(now) for name, health in self._healths.items()}

    def started(self, send_task: SendTask) -> None:
        """Record that a message is in flight."""
        self._health(send_task.claimed.channel).started(send_task.started_at)
        self._count(send_task, 1)

    def ended(self, send_task: SendTask, now: datetime, error: BaseException | None) -> None:
        """Record how an attempt ended: None means sent; a refusal is an answer, too."""
        name = send_task.claimed.channel
        health = self._healths[name]
        self._count(send_task, -1)
        changed_at = self._changed_at.get(name)
        if changed_at is not None and send_task.started_at < changed_at:
            return  # the outcome is not of the present channel
        if error is None or isinstance(error, Rejected):
            if health.worked(send_task.started_at):
                self._back.add(name)
            if not health.is_down(now):
                self._announce(name, ConnectorStatus.CONNECTED)
            return
        chance = random.random()  # noqa: S311 - jitter, not cryptography
        is_first = send_task.claimed.attempt == 1
        if isinstance(error, Unreachable):
            wait, is_about_message = error.retry_after, error.is_about_message
            health.failed(now, chance, is_first=is_first, wait=wait, is_about_message=is_about_message)
        else:
            health.failed(now, chance, is_first=is_first)
        self._errors[name] = text_of(error)
        if not is_foreseen(error):
            self._log_fault(name, error)
        if health.is_down(now):
            self._announce(name, ConnectorStatus.ERROR, text_of(error))

    def stopped(self, send_task: SendTask) -> None:
        """Record that an attempt was cancelled, which reveals nothing about the channel."""
        self._count(send_task, -1)

    def down(self, now: datetime) -> Mapping[str, str]:
        """Return the latest error of each channel that does not deliver."""
        return {
            name: self._errors.get(name, "") for name, health in self._healths.items() if health.is_down(now)
        }

    def back(self, now: datetime) -> Collection[str]:
        """Return the recovered channels whose postponed messages are to be made due."""
        return [
            name for name in self._back if now >= self._hurried_at.get(name, now - HURRY_EVERY) + HURRY_EVERY
        ]

    def hurried(self, names: Collection[str], now: datetime) -> None:
        """Record that the postponed messages of these channels are due."""
        self._back.difference_update(names)
        self._hurried_at.update(dict.fromkeys(names, now))

    def _health(self, name: str) -> ChannelHealth:
        """Return the health of a channel, new on first use."""
        if name not in self._healths:
            settings = self._settings
            self._healths[name] = ChannelHealth(
                self._slots(name), settings.probe, settings.longest_wait, self._rate(name)
            )
        return self._healths[name]

    def _slots(self, name: str) -> int:
        traits = self._traits.get(name)
        return self._settings.slots if traits is None or traits.at_once is None else traits.at_once

    def _rate(self, name: str) -> Rate | None:
        """Return the rate of a channel; a burst may take as many as are allowed in flight."""
        traits = self._traits.get(name)
        if traits is None or traits.per_s is None:
            return None
        return Rate(per_s=traits.per_s, burst=max(self._slots(name), traits.per_s))

    def _count(self, send_task: SendTask, amount: int) -> None:
        health = self._healths[send_task.claimed.channel]
        health.running += amount
        if send_task.claimed.attempt > 1:
            health.retrying += amount

    def _announce(self, name: str, status: ConnectorStatus, error: str | None = None) -> None:
        """Log and report a channel's change of state once."""
        before = self._announced.get(name)
        if status is before:
            return
        self._announced[name] = status
        if status is ConnectorStatus.ERROR:
            log.error("channel is down, trying again", extra={"channel": name, "error": error})
        elif before is not None:
            log.info("channel is back", extra={"channel": name})
        if self._report is not None:
            self._report(name, status, error)

    def _log_fault(self, name: str, error: BaseException) -> None:
        """Log an error in a channel's code with its traceback, once for each channel and kind."""
        kind = (name, type(error).__name__)
        if kind not in self._known_faults:
            self._known_faults.add(kind)
            log.error("channel has a fault", extra={"channel": name, "error": str(error)}, exc_info=error)
