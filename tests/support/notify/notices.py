"""Notifications for tests of channels."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification

NOTICE = Notification(
    id=UUID("019cb5e0-0000-7000-8000-000000000001"),
    alert_id=UUID("019cb5e0-0000-7000-8000-0000000000aa"),
    kind=NotificationKind.PROBLEM,
    rule_name="everything",
    recipient="noc@example.net",
    created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    attempt=1,
    facts={"title": "Link Down", "severity": "critical", "device_name": "core-sw1"},
    subject="[CRITICAL] Link Down - core-sw1 ifIndex=7",
    text="A new problem.\nZürich, 東京 ✓\n",
    html="<p>A new problem &amp; <b>more</b></p>",
)


def notice(**changes: Any) -> Notification:
    """Make a notification that differs from the usual one."""
    return replace(NOTICE, **changes)
