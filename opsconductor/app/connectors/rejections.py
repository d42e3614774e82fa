"""Rejected messages of all connectors; repeated ones are shown and raise an alert."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from opsconductor.app.connectors.built_in import NAMES
from opsconductor.config.sections.watch import RejectionSettings
from opsconductor.connector.rejection import KEPT_BYTES, Reject, Rejection, RejectionLimits, RejectionLog
from opsconductor.connector.rejection_words import words_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.event import RawEvent
from opsconductor.model.masking import first_bytes_of


@dataclass(slots=True)
class Rejections:
    """The rejection logs of all running connectors, and of the built-in sources."""

    limits: RejectionLimits = field(default_factory=RejectionLimits)
    _logs: dict[str, RejectionLog] = field(default_factory=dict)

    def of(self, connector: str) -> Reject:
        """Return the function that records rejected messages of a connector."""
        return self._log(connector).add

    def renew(self, connector: str) -> Reject:
        """Clear the log of a connector that is rebuilt, perhaps with what was missing."""
        log = self._log(connector)
        log.clear()
        return log.add

    def latest(self, connector: str) -> Sequence[Rejection]:
        """Return what a connector has rejected recently, repeated ones first."""
        log = self._logs.get(connector)
        return () if log is None else log.latest()

    def repeated(self) -> Sequence[Rejection]:
        """Return what is rejected repeatedly, of all connectors."""
        return [each for log in self._logs.values() for each in log.repeated()]

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove the logs of all other connectors; those of built-in sources stay."""
        for gone in self._logs.keys() - set(names) - NAMES:
            del self._logs[gone]

    def note_invalid(self, raw: RawEvent, error: DecodeError | NormalizeError) -> None:
        """Record an event that its connector has accepted and cannot normalize."""
        words = words_of(error.reason, error.detail)
        content = raw.payload
        if raw.local:  # of MQTT the topic, which is shown as the sender, stands before what was published
            content = content.split(raw.local.encode(errors="replace"), 1)[-1]
        self.of(raw.connector)(
            raw.peer or raw.local or "unknown",
            error.reason,
            explanation=words.explanation,
            remedy=words.remedy,
            first_bytes=first_bytes_of(content, KEPT_BYTES),
        )

    def _log(self, connector: str) -> RejectionLog:
        return self._logs.setdefault(connector, RejectionLog(connector, self.limits))


def limits_of(settings: RejectionSettings) -> RejectionLimits:
    """Convert the settings."""
    return RejectionLimits(
        messages=settings.messages,
        within_s=settings.within.total_seconds(),
        quiet_s=settings.quiet_time.total_seconds(),
        senders=settings.senders,
    )
