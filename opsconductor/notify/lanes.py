"""All channels: their room, and what is said when one goes down or comes back."""

import logging
import random
from collections.abc import Callable
from datetime import datetime

from opsconductor.errors import Rejected
from opsconductor.model.enums import ConnectorStatus
from opsconductor.notify.lane import Lane
from opsconductor.notify.sending import is_foreseen, text_of
from opsconductor.notify.settings import DeliverySettings

log = logging.getLogger(__name__)

Report = Callable[[str, ConnectorStatus, str | None], None]
"""Takes a channel's name, its new status and, when it fails, the reason in words."""


class Lanes:
    """The lane of each channel by name, made when it is first needed."""

    def __init__(self, settings: DeliverySettings, report: Report | None) -> None:
        self._settings = settings
        self._report = report
        self._lanes: dict[str, Lane] = {}
        self._told: dict[str, ConnectorStatus] = {}
        self._known_faults: set[tuple[str, str]] = set()

    def room(self, now: datetime) -> dict[str, int]:
        """Say how many more messages each channel may be given."""
        return {name: lane.room(now) for name, lane in self._lanes.items()}

    def started(self, name: str) -> None:
        """Note that a message is on its way."""
        if name not in self._lanes:
            self._lanes[name] = Lane(self._settings.slots, self._settings.probe)
        self._lanes[name].running += 1

    def ended(self, name: str, now: datetime, error: BaseException | None) -> None:
        """Note how an attempt ended: None means sent; a refusal is an answer, too."""
        lane = self._lanes[name]
        lane.running -= 1
        if error is None or isinstance(error, Rejected):
            lane.worked()
            self._tell(name, ConnectorStatus.CONNECTED)
            return
        lane.failed(now, random.random())  # noqa: S311 - jitter, not cryptography
        if not is_foreseen(error):
            self._log_fault(name, error)
        if lane.is_down:
            self._tell(name, ConnectorStatus.ERROR, text_of(error))

    def stopped(self, name: str) -> None:
        """Note that an attempt was stopped before it ended; it says nothing about the channel."""
        self._lanes[name].running -= 1

    def _tell(self, name: str, status: ConnectorStatus, error: str | None = None) -> None:
        """Say it once when a channel's state changes."""
        before = self._told.get(name)
        if status is before:
            return
        self._told[name] = status
        if status is ConnectorStatus.ERROR:
            log.error("channel is down, trying again", extra={"channel": name, "error": error})
        elif before is not None:
            log.info("channel is back", extra={"channel": name})
        if self._report is not None:
            self._report(name, status, error)

    def _log_fault(self, name: str, error: BaseException) -> None:
        """Log a fault in a channel's code with its traceback, once for each channel and kind."""
        kind = (name, type(error).__name__)
        if kind not in self._known_faults:
            self._known_faults.add(kind)
            log.error("channel has a fault", extra={"channel": name, "error": str(error)}, exc_info=error)
