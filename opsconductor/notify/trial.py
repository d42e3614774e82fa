"""Test message through a channel, beside the outbox: it is marked, and no alert is behind it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel, CheckResult
from opsconductor.model.enums import Category, NotificationKind, Severity, Status
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.notify.render import Renderer
from opsconductor.store.notifications.outbox import Claimed

MARK = "[TEST]"


async def send_test(
    channel: Channel, name: str, recipient: str, *, traits: ChannelTraits, renderer: Renderer, by: str
) -> CheckResult:
    """Send a test message, and its recovery where it would stay open; raises what the channel raises.

    Args:
        channel: The running channel.
        name: Its name.
        recipient: As in a rule; empty: the channel's own.
        traits: What the channel can do.
        renderer: Renders the texts.
        by: Who asks for it; the message says so.
    """
    problem = _claimed(name, recipient, by)
    receipt = await channel.send(_marked(renderer.render(problem)))
    details: dict[str, object] = {"sent": receipt.detail, **receipt.metadata}
    if traits.keeps_open:
        recovery = await channel.send(_marked(renderer.render(_recovery(problem, receipt))))
        details["closed"] = recovery.detail
    whom = f" to {recipient}" if recipient else ""
    return CheckResult(ok=True, message=f"{name} has sent a test message{whom}", details=details)


def _claimed(name: str, recipient: str, by: str) -> Claimed:
    now = datetime.now(UTC)
    return Claimed(
        id=uuid4(),
        alert_id=uuid4(),
        rule_name="test",
        channel=name,
        recipient=recipient,
        kind=NotificationKind.PROBLEM,
        facts={
            "title": f"Test of channel {name}",
            "severity": Severity.INFO.value,
            "status": Status.ACTIVE.value,
            "category": Category.APPLICATION.value,
            "alert_type": "application_channel_test",
            "device_name": "opsconductor",
            "message": f"{by} tests the channel {name}. Nothing is wrong and nothing is to be done.",
            "occurred_at": now.isoformat(),
        },
        created_at=now,
        attempt=1,
    )


def _recovery(problem: Claimed, receipt: Receipt) -> Claimed:
    over = {"status": Status.RESOLVED.value, "resolved_at": datetime.now(UTC).isoformat()}
    return replace(
        problem,
        id=uuid4(),
        kind=NotificationKind.RECOVERY,
        facts={**problem.facts, **over},
        earlier=receipt.metadata,
    )


def _marked(notification: Notification) -> Notification:
    return replace(notification, subject=f"{MARK} {notification.subject}")
