"""Templates of messages that fail when a message is sent, until they render again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import folded

FAILING = "application_template_failing"
"""Type of the alert on it. Messages about that alert itself change nothing: else it would end itself."""
LONGEST_ERROR = 500

ReportTemplate = Callable[[Notification, str], None]
"""Called with each rendered message: with the reason if the template failed, else with an empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """A template that failed with the latest message of one kind.

    Attributes:
        is_own: It is a template of the channel's configuration; False: one that OpsConductor brings along.
    """

    channel: str
    kind: NotificationKind
    error: str
    is_own: bool


@dataclass(slots=True)
class TemplateFaults:
    """The templates of all channels that fail now."""

    _faults: dict[tuple[str, bool, NotificationKind], TemplateFault] = field(default_factory=dict)

    def renew(self, channel: str) -> ReportTemplate:
        """Clear the faults of a channel that is built again; return the function that reports new ones."""
        self.forget(channel)
        return lambda notification, error: self.note(channel, notification, error, is_own=True)

    def forget(self, channel: str) -> None:
        """Clear the faults of a channel."""
        for key in [key for key in self._faults if key[0] == channel]:
            del self._faults[key]

    def note(self, channel: str, notification: Notification, error: str, *, is_own: bool) -> None:
        """Record whether a template has rendered a message.

        Args:
            error: Why it has not; empty: it has.
        """
        if notification.facts.get("alert_type") == FAILING:
            return
        key = (channel, is_own, notification.kind)
        self._faults.pop(key, None)
        if error:
            self._faults[key] = TemplateFault(
                channel=channel, kind=notification.kind, error=folded(error, LONGEST_ERROR), is_own=is_own
            )

    def present(self) -> Sequence[TemplateFault]:
        """Return what fails now, the latest failure last."""
        return tuple(self._faults.values())
