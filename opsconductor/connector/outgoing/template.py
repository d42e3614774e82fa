"""Templates of message bodies: Jinja2 in a sandbox, compiled and tried when they are configured."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from opsconductor.guard import guarded_data
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification

LONGEST_TEMPLATE = 20_000
LONGEST_RESULT = 200_000
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, auto_reload=False
)
SAMPLE = Notification(
    id=UUID(int=1),
    alert_id=UUID(int=2),
    kind=NotificationKind.PROBLEM,
    rule_name="everything",
    recipient="noc",
    created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    attempt=1,
    facts={"title": 'Link "Down"', "severity": "critical", "device_name": "core-sw1", "status": "active"},
    subject='[CRITICAL] Link "Down" - core-sw1',
    text="A new problem.\nDevice: core-sw1\n",
    url="https://opsconductor.example.net/?alert=2",
    rows=(("Device", "core-sw1"),),
)
"""Notification with which a template is tried when it is configured."""


class BodyTemplate:
    """A compiled template.

    Args of the constructor:
        text: Jinja2.
        is_json: What it renders must be JSON.

    Raises:
        ValueError: It is no template, or fails with an ordinary notification.
    """

    def __init__(self, text: str, *, is_json: bool) -> None:
        if len(text) > LONGEST_TEMPLATE:
            raise ValueError(f"a template has at most {LONGEST_TEMPLATE} characters")
        try:
            self._template = _ENVIRONMENT.from_string(text)
        except TemplateSyntaxError as error:
            raise ValueError(f"line {error.lineno}: {error.message}") from error
        self._is_json = is_json
        self.render(SAMPLE)

    def render(self, notification: Notification) -> str:
        """Return the body; raises ValueError with the reason if the template fails."""
        with guarded_data(TemplateError) as rendering:
            text = self._template.render(values_of(notification))[:LONGEST_RESULT]
            if self._is_json:
                json.loads(text)
        if rendering.error is not None:
            hint = " (write texts as {{ subject | tojson }})" if self._is_json else ""
            raise ValueError(f"the template fails: {rendering.error}{hint}") from rendering.error
        return text


def values_of(notification: Notification) -> Mapping[str, object]:
    """Return what a template may use."""
    return {
        "id": str(notification.id),
        "alert_id": str(notification.alert_id),
        "kind": notification.kind.value,
        "attempt": notification.attempt,
        "created_at": notification.created_at.isoformat(),
        "rule": notification.rule_name,
        "recipient": notification.recipient,
        "subject": notification.subject,
        "text": notification.text,
        "html": notification.html,
        "url": notification.url,
        "acknowledge_url": notification.acknowledge_url,
        "rows": notification.rows,
        "alert": notification.facts,
    }
