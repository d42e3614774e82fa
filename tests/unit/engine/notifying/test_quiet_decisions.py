"""Decisions in which no rule fired: equal ones share one document."""

from dataclasses import replace

from opsconductor.engine.routing.recorded import QuietDecisions
from opsconductor.engine.routing.situation import Situation
from opsconductor.model.enums import AlertEvent, Severity
from tests.support.store.stored import an_alert

USUAL = frozenset({"severity", "status"})


def situation(**values: object) -> Situation:
    """Return an alert that has just been created."""
    alert = replace(an_alert(), **values)
    return Situation(alert=alert, event=AlertEvent.CREATED, at=alert.received_at)


def test_alerts_with_equal_facts_of_rules_share_the_document() -> None:
    """Another title makes no difference, another severity or event does."""
    quiet = QuietDecisions(USUAL, 3)
    first = quiet.of(situation(title="one"))
    assert quiet.of(situation(title="another")) is first
    assert first["routed"]["rules"] == 3
    worse = quiet.of(situation(severity=Severity.CRITICAL))
    assert worse["routed"]["facts"]["severity"] == "critical"
    again = replace(situation(title="one"), event=AlertEvent.REOPENED)
    assert quiet.of(again)["routed"]["facts"]["event"] == "reopened"


def test_facts_that_differ_between_alerts_are_not_kept() -> None:
    """Rules on custom fields make a document for each alert, with the fields of that alert."""
    quiet = QuietDecisions(USUAL | {"custom_fields.site"}, 1)
    first, second = (quiet.of(situation(custom_fields={"site": name})) for name in ("north", "south"))
    assert [each["routed"]["facts"]["custom_fields.site"] for each in (first, second)] == [
        ["north"],
        ["south"],
    ]
