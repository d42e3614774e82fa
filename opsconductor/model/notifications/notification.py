"""One message to one channel about one alert, as a channel receives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from opsconductor.model.enums import NotificationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message for a channel to send.

    Attributes:
        id: The same for every attempt: receivers can drop duplicates by it.
        alert_id: Of a message about a maintenance window the id of the window.
        attempt: 1 for the first.
        facts: JSON-ready facts of the alert, see `NotificationIntent.facts`.
        subject: One line of plain text, without control characters.
        text: The whole message as plain text.
        html: The whole message as HTML, safe to show; empty if the channel uses none.
        url: Address of the alert on the operators' page; empty: unknown.
        rows: Names and values of the known facts as one-line texts, most important first.
        acknowledge_url: Link by which the recipient acknowledges the alert without a log-in; empty: none.
        own_text: Text by a template of the channel, in place of `rows` and of what was reported; empty: none.
        earlier: `Receipt.metadata` of the latest notification about the same alert to the same recipient;
            empty: there is none, or it was the end of an earlier occurrence of the problem.
        picture: Plot of the measured values that the alert is about, as PNG; None: there is none.
    """

    id: UUID
    alert_id: UUID
    kind: NotificationKind
    rule_name: str
    recipient: str
    created_at: datetime
    attempt: int
    facts: Mapping[str, object]
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    url: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    earlier: Mapping[str, object] = field(default_factory=dict)
    acknowledge_url: str = field(default="", repr=False)
    own_text: str = field(default="", repr=False)
    picture: "AttachedFile | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that a notification is sent with."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The channel's proof that the other side accepted the message.

    Attributes:
        detail: What it answered (`HTTP 202`, `250 queued`).
        metadata: JSON-ready; the receiver's id of the message, and what else is needed to update it or to
            answer it in its thread. It comes back as `Notification.earlier`. No secrets.
    """

    detail: str
    metadata: Mapping[str, object] = field(default_factory=dict)
