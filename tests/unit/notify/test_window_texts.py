"""Messages about a maintenance window: what is muted until when, readable in a subject line."""

from typing import Any

import pytest

from opsconductor.connector.outgoing.samples import OF_WINDOW
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from tests.unit.notify.test_render import ZONE, claimed

PAGE = "https://noc.example.net"


def rendered(**window: object) -> Any:
    """Render a message about the sample window, with some facts replaced."""
    assert isinstance(OF_WINDOW["window"], dict)
    facts = {**OF_WINDOW, "window": {**OF_WINDOW["window"], **window}}
    return Renderer(ZONE, public_url=PAGE).render(claimed(NotificationKind.MAINTENANCE, **facts))


@pytest.mark.parametrize(
    ("window", "subject"),
    [
        ({}, "[MAINTENANCE BEGUN] fibre work has begun, until 2026-01-02 06:04:05 +0100"),
        ({"end_at": None}, "[MAINTENANCE BEGUN] fibre work has begun, until it is ended"),
        ({"event": "moved"}, "[MAINTENANCE MOVED] fibre work now lasts until 2026-01-02 06:04:05 +0100"),
        ({"event": "over", "open_alerts": 2}, "[MAINTENANCE OVER] fibre work is over"),
    ],
)
def test_the_subject_names_the_window_and_its_end(window: dict[str, object], subject: str) -> None:
    """The subject names the window, and the end in local time."""
    assert rendered(**window).subject == subject


def test_the_text_has_the_facts_of_the_window_and_no_button() -> None:
    """It has the reason, the scope and the author; it links the page, and is about no alert."""
    message = rendered()
    assert [name for name, _ in message.rows] == ["Window", "Reason", "Mutes", "Ends", "Set by"]
    assert f"Open OpsConductor: {PAGE}/\n" in message.text
    assert "because the maintenance window names you" in message.text
    assert "rule" not in message.text
    assert message.acknowledge_url == ""
    over = rendered(event="over", open_alerts=1)
    assert ("Still open", "1 alert that it has muted") in over.rows
