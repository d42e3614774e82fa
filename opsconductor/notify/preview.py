"""Preview of a message: what a channel would send of a kind, without sending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from opsconductor.connector.abilities import Previewer
from opsconductor.connector.outgoing.samples import AT, sample_facts
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from opsconductor.store.notifications.outbox import Claimed

SAMPLE_ALERT = UUID(int=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePreview:
    """What would be sent.

    Attributes:
        parts: Texts by part (`subject`, `text`, `html`, `body`).
        error: Why the channel's own template fails; then the parts are the default texts. Empty: none fails.
    """

    parts: Mapping[str, str]
    error: str = ""


def preview_of(
    channel: Previewer | None,
    name: str,
    kind: NotificationKind,
    *,
    renderer: Renderer,
    facts: Mapping[str, object] | None = None,
) -> MessagePreview:
    """Render a message as a channel would send it.

    Args:
        channel: The running channel; None: it has no templates of its own.
        name: Its name.
        facts: Of an alert; None: those of a sample.
    """
    claimed = Claimed(
        id=UUID(int=1),
        alert_id=SAMPLE_ALERT if facts is None else UUID(str(facts["id"])),
        rule_name="preview",
        channel=name,
        recipient="",
        kind=kind,
        facts=sample_facts(kind) if facts is None else facts,
        created_at=AT,
        attempt=1,
    )
    notification = renderer.render(claimed)
    default = {"subject": notification.subject, "text": notification.text}
    if channel is None:
        return MessagePreview(parts=default)
    with guarded() as rendering:
        return MessagePreview(parts=channel.preview(notification))
    error = rendering.error
    assert error is not None
    reason = str(error) if isinstance(error, ValueError) else reason_of(error)
    return MessagePreview(parts={**default, "html": notification.html}, error=reason)
