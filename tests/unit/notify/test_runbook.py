"""The runbook of an alert in messages: a link if it is an http or https URL, else text."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from opsconductor.connector.outgoing.samples import sample_facts
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from opsconductor.notify.render import Renderer
from opsconductor.store.notifications.outbox import Claimed


def rendered(**fields: object) -> Notification:
    """Render a problem with custom fields."""
    return Renderer(UTC).render(
        Claimed(
            id=UUID(int=1),
            alert_id=UUID(int=2),
            rule_name="noc",
            channel="mail",
            recipient="noc@example.net",
            kind=NotificationKind.PROBLEM,
            facts={**sample_facts(NotificationKind.PROBLEM), "custom_fields": fields},
            created_at=datetime(2026, 3, 4, tzinfo=UTC),
            attempt=1,
        )
    )


@pytest.mark.parametrize("name", ["runbook", "runbook_url"])
def test_a_link_is_a_row_and_a_link_in_html(name: str) -> None:
    """Once, not again among the custom fields."""
    message = rendered(**{name: "https://wiki.example.net/r?a=1&b=2", "rack": "A7"})
    assert [row for row in message.rows if "wiki" in row[1]] == [
        ("Runbook", "https://wiki.example.net/r?a=1&b=2")
    ]
    assert '<a href="https://wiki.example.net/r?a=1&amp;b=2"' in message.html
    assert message.text.count("https://wiki.example.net/r?a=1&b=2") == 1


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://wiki.example.net@evil.example",
        "https://x.example/\"onmouseover='x'",
        "https://x.example/a b",
        "https://x.example/\u202ea",
        "https://[x",
        "page 12",
        "https://x.example/" + "a" * 500,
        7,
    ],
)
def test_anything_else_is_text(value: object) -> None:
    """A sender of alerts cannot make a link of another kind."""
    message = rendered(runbook=value)
    assert "Runbook" not in dict(message.rows)
    assert message.html.count("<a ") == 0
    assert "runbook" in dict(message.rows)


def test_the_first_field_that_holds_a_link_wins() -> None:
    """The other stays a custom field."""
    rows = dict(rendered(runbook="page 12", runbook_url="http://wiki.example.net/").rows)
    assert (rows["Runbook"], rows["runbook"]) == ("http://wiki.example.net/", "page 12")
