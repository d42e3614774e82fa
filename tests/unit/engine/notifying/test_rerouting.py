"""Rules that fire later: by age, time of day, number of occurrences, consequences; and on quiet events."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconductor.model.command import Acknowledge, Unacknowledge
from opsconductor.model.enums import AlertEvent, Severity
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.notifications.time_window import RecurringWindow
from tests.support.engine.pipeline_scene import ALL, ANNA, START, Scene, needs, report, rule, seconds

LEAF, OTHER = "10.1.2.3", "10.1.2.4"
OLD = rule("boss", 5, minimum_age=timedelta(minutes=10))
LEFT = rule("boss", 5, unacknowledged_for=timedelta(minutes=15))
DAY = rule("day", 5, time=(RecurringWindow(zone="UTC", begin=14 * 60, end=18 * 60),))


def sent(scene: Scene) -> list[tuple[str, str]]:
    """List kind and recipient of everything sent."""
    return [(kind, who) for kind, _, who in scene.notified()]


def test_a_rule_with_a_minimum_age_fires_when_it_is_reached() -> None:
    """At exactly that time, once; the history names the rule, and the recovery goes to its recipient."""
    scene = Scene(rules=[OLD])
    scene.problem(LEAF)
    assert scene.engine.next_due() == START + timedelta(minutes=10)
    scene.wait(599)
    assert sent(scene) == []
    scene.wait(1)
    entry = scene.history(scene.alert(LEAF))[-1]
    assert (entry.action, entry.rule) == ("notified", "route.time")
    assert scene.verdicts(entry) == [("boss", True, "all conditions are met")]
    scene.wait(10_000)
    scene.clear(LEAF)
    assert sent(scene) == [("problem", "boss"), ("recovery", "boss")]


def test_an_alert_resolved_before_its_age_is_not_sent() -> None:
    """The timer is removed, and the end is not sent either."""
    scene = Scene(rules=[OLD])
    scene.problem(LEAF)
    scene.wait(599)
    scene.clear(LEAF)
    scene.wait(1_000)
    assert sent(scene) == []
    assert scene.engine.next_due() is None


def test_a_waiting_rule_survives_a_restart() -> None:
    """The time is a column of the alert; one that passed while the daemon was down fires late."""
    scene = Scene(rules=[OLD])
    scene.problem(LEAF)
    scene.wait(300)
    scene.restart()
    scene.wait(0)
    assert sent(scene) == []
    scene.wait(900)
    assert sent(scene) == [("problem", "boss")]
    scene.restart()
    assert scene.wait(1).is_empty


def test_an_acknowledged_alert_does_not_age() -> None:
    """When the acknowledgement is withdrawn, the waiting rule fires at once."""
    scene = Scene(rules=[ALL, OLD])
    scene.problem(LEAF)
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.wait(1_000)
    assert sent(scene) == [("problem", "noc@example.org")]
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
    assert sent(scene)[1:] == [("problem", "boss")]


def test_the_time_without_acknowledgement_begins_anew_when_it_is_withdrawn() -> None:
    """Fifteen minutes from then, not from the beginning."""
    scene = Scene(rules=[ALL, LEFT])
    scene.problem(LEAF)
    alert = scene.alert(LEAF)
    scene.wait(800)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.wait(800)
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
    scene.wait(899)
    assert sent(scene) == [("problem", "noc@example.org")]
    scene.wait(1)
    assert sent(scene)[1:] == [("problem", "boss")]


def test_an_alert_open_when_a_window_begins_is_sent_then() -> None:
    """Nothing outside the window is lost, and it is sent once."""
    scene = Scene(rules=[DAY])
    scene.problem(LEAF)
    scene.problem(OTHER)
    scene.clear(OTHER)
    scene.wait(7_199)
    assert sent(scene) == []
    scene.wait(1)
    assert sent(scene) == [("problem", "day")]
    scene.wait(86_400)
    assert sent(scene) == [("problem", "day")]


def test_a_rule_that_stops_by_day_leaves_the_night_to_others() -> None:
    """When its window ends, an open alert is sent to the recipients responsible then."""
    night = rule("night", 9)
    scene = Scene(rules=[rule("day", 1, stop=True, time=DAY.conditions.time), night])
    scene.now = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    scene.problem(LEAF)
    assert sent(scene) == [("problem", "day")]
    scene.wait(3_600)
    assert sent(scene) == [("problem", "day"), ("problem", "night")]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_rule_fires_at_the_number_of_occurrences(*, in_one_batch: bool) -> None:
    """The third report notifies, and no later one, in one batch or in several."""
    scene = Scene(rules=[rule("often", minimum_occurrences=3)])
    if in_one_batch:
        scene.send(*(report(LEAF, at=scene.now) for _ in range(6)))
    else:
        for number in range(6):
            scene.problem(LEAF)
            assert len(sent(scene)) == (number >= 2)
    assert sent(scene) == [("problem", "often")]
    assert scene.alert(LEAF).occurrence_count == 6


def test_an_alert_that_becomes_a_cause_fires_the_rule_for_causes() -> None:
    """With the first consequence, not before."""
    scene = Scene(needs(LEAF, OTHER), rules=[rule("causes", is_cause=True)], settle_time=0)
    scene.problem(OTHER)
    assert sent(scene) == []
    scene.problem(LEAF)
    assert sent(scene) == [("problem", "causes")]
    assert scene.history(scene.alert(OTHER))[-1].rule == "route.count"


def test_a_held_alert_is_not_sent_before_it_has_settled() -> None:
    """The settle time comes first, whatever a rule waits for."""
    scene = Scene(needs(LEAF, OTHER), rules=[rule("soon", minimum_age=seconds(5))], settle_time=60)
    scene.problem(LEAF)
    scene.wait(59)
    assert sent(scene) == []
    scene.wait(1)
    assert sent(scene) == [("problem", "soon")]


def test_a_new_rule_applies_to_later_times_only() -> None:
    """An alert that reached its age before the rule existed is not sent again."""
    scene = Scene(rules=[ALL])
    scene.problem(LEAF)
    scene.wait(900)
    scene.problem(OTHER)
    scene.reconfigure(rules=[ALL, OLD])
    scene.wait(0)
    scene.wait(10_000)
    assert scene.notified()[2:] == [("problem", OTHER, "boss")]


def test_a_rule_that_is_gone_no_longer_waits() -> None:
    """Its timers are removed with it."""
    scene = Scene(rules=[OLD])
    scene.problem(LEAF)
    scene.reconfigure(rules=[ALL])
    scene.wait(0)
    assert scene.alert(LEAF).reroute_at is None
    scene.wait(10_000)
    assert sent(scene) == []


def test_quiet_events_go_to_rules_that_name_them() -> None:
    """Acknowledged, resolved and expired go to those rules, for alerts that were sent before."""
    rules = [
        rule(name, number, event=(AlertEvent(name),))
        for number, name in enumerate(("acknowledged", "resolved", "expired"), 5)
    ]
    scene = Scene(rules=[rule("noc", 1, severity=(Severity.MAJOR,)), *rules])
    scene.problem(LEAF)
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))
    scene.clear(LEAF)
    scene.problem(OTHER, expires_after=seconds(60))
    scene.problem("10.1.2.5", severity="minor", expires_after=seconds(60))
    scene.wait(60)
    assert sent(scene) == [
        ("problem", "noc"),
        ("acknowledged", "acknowledged"),
        ("recovery", "noc"),
        ("recovery", "resolved"),
        ("problem", "noc"),
        ("expired", "expired"),
    ]


def test_a_recipient_of_the_problem_gets_one_recovery() -> None:
    """Even if a rule on the event `resolved` names the recipient, too."""
    both: list[NotificationRule] = [rule("noc", 1), rule("noc", 2, event=(AlertEvent.RESOLVED,))]
    scene = Scene(rules=both)
    scene.problem(LEAF)
    changes = scene.clear(LEAF)
    assert sent(scene) == [("problem", "noc"), ("recovery", "noc")]
    assert scene.verdicts(changes.history[-1])[1][2] == "all its recipients have been notified already"


def test_reopened_and_escalated_are_events_of_their_own() -> None:
    """A rule on one of them is silent at the others."""
    rules = [rule(name, event=(AlertEvent(name),)) for name in ("reopened", "escalated")]
    scene = Scene(rules=rules)
    scene.problem(LEAF, severity="minor")
    assert sent(scene) == []
    scene.problem(LEAF, severity="major")
    assert sent(scene) == [("problem", "escalated")]
    scene.clear(LEAF)
    scene.now += seconds(1)
    scene.problem(LEAF, severity="minor")
    assert sent(scene)[2:] == [("problem", "reopened")]
