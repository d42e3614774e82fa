"""The table of docs/architecture.md, How a report meets an alert: a test for each row."""

from datetime import timedelta

import pytest

from opsconductor.engine.clock import IN_FLIGHT
from opsconductor.model.command import Acknowledge, Resolve
from opsconductor.model.enums import HistoryAction, Severity, Status
from tests.support.engine.pipeline_scene import ANNA, START, Scene, report, rule, seconds

LEAF = "10.0.0.9"


@pytest.fixture
def scene() -> Scene:
    """A network without dependencies, one rule for everything."""
    return Scene()


def test_a_problem_without_open_alert_is_a_new_active_alert(scene: Scene) -> None:
    """It is stored with history, and people are notified at once."""
    changes = scene.problem(LEAF)
    (alert,) = changes.created
    assert alert.status is Status.ACTIVE
    assert alert.occurrence_count == 1
    assert scene.story(alert) == ["created"]
    assert scene.sent() == [f"problem {LEAF}"]


def test_a_clear_without_open_alert_is_counted_as_unmatched(scene: Scene) -> None:
    """It opens no alert and sends nothing."""
    changes = scene.clear(LEAF)
    (unmatched,) = changes.unmatched_clears
    assert (unmatched.source_system, unmatched.device) == ("traps", LEAF)
    assert changes.folded == 1
    assert changes.is_empty


def test_an_older_problem_after_its_clear_is_created_resolved(scene: Scene) -> None:
    """UDP reordered the two: the alert is kept, nothing is sent."""
    scene.clear(LEAF)
    changes = scene.problem(LEAF, late_s=3)
    (alert,) = changes.created
    assert alert.status is Status.RESOLVED
    assert scene.story(alert) == ["created", "resolved"]
    assert scene.notified() == []


def test_a_newer_problem_after_an_unmatched_clear_is_a_new_alert(scene: Scene) -> None:
    """The remembered clear is older: the device has failed again."""
    scene.clear(LEAF, late_s=3)
    assert scene.problem(LEAF).created[0].status is Status.ACTIVE


def test_an_unmatched_clear_is_forgotten_after_its_time(scene: Scene) -> None:
    """A problem after the memory's time is sent, however old it says it is."""
    scene.clear(LEAF)
    scene.wait(61)
    assert scene.problem(LEAF, late_s=70).created[0].status is Status.ACTIVE


def test_a_repeat_changes_count_time_and_message_only(scene: Scene) -> None:
    """No history and no message, only the fields of a repeat."""
    (before,) = scene.problem(LEAF).created
    scene.now += seconds(1)
    changes = scene.problem(LEAF, message="still down")
    (after,) = changes.repeated
    assert not changes.history
    assert not changes.updated
    assert after.occurrence_count == 2
    assert after.last_occurrence_at == scene.now
    assert after.message == "still down"
    assert scene.sent() == [f"problem {LEAF}"]
    assert before.id == after.id


def test_repeats_of_one_batch_are_written_once(scene: Scene) -> None:
    """A thousand repeats are one row with a count of a thousand."""
    scene.problem(LEAF)
    changes = scene.send(*(report(LEAF, at=scene.now) for _ in range(1000)))
    assert [alert.occurrence_count for alert in changes.repeated] == [1001]
    assert changes.folded == 1000


def test_a_new_alert_and_its_repeats_in_one_batch_are_one_created_row(scene: Scene) -> None:
    """`created` holds the final state; the parts of the changes are disjoint."""
    changes = scene.send(*(report(LEAF, at=scene.now) for _ in range(5)))
    assert [alert.occurrence_count for alert in changes.created] == [5]
    assert not changes.repeated
    assert not changes.updated


def test_a_lower_severity_is_an_update_without_a_message(scene: Scene) -> None:
    """History has the change; the priority follows."""
    scene.problem(LEAF, severity="critical")
    (alert,) = scene.problem(LEAF, severity="minor").updated
    assert alert.severity is Severity.MINOR
    assert alert.priority == "P4"
    assert scene.story(alert) == ["created", "updated"]
    assert scene.history(alert)[-1].changes["severity"] == ["critical", "minor"]
    assert scene.sent() == [f"problem {LEAF}"]


def test_a_higher_severity_is_notified_as_worse(scene: Scene) -> None:
    """History has the step and the decisions, the message has the old severity."""
    scene.problem(LEAF, severity="minor")
    changes = scene.problem(LEAF, severity="critical")
    (alert,) = changes.updated
    assert scene.story(alert) == ["created", "escalated"]
    assert scene.sent() == [f"problem {LEAF}", f"worse {LEAF}"]
    assert changes.notifications[0].facts["old_severity"] == "minor"
    assert changes.history[0].changes["routing"]


def test_an_acknowledged_alert_that_gets_worse_is_active_again(scene: Scene) -> None:
    """The acknowledgement was for a lower severity."""
    (alert,) = scene.problem(LEAF, severity="minor").created
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.problem(LEAF, severity="critical")
    alert = scene.alert(LEAF)
    assert alert.status is Status.ACTIVE
    assert alert.acknowledged_by is None
    assert scene.sent()[-1] == f"worse {LEAF}"


def test_an_acknowledged_alert_stays_quiet_when_it_repeats(scene: Scene) -> None:
    """Repeats are counted, the status stays."""
    (alert,) = scene.problem(LEAF).created
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.problem(LEAF)
    assert scene.alert(LEAF).status is Status.ACKNOWLEDGED
    assert len(scene.notified()) == 1


def test_a_clear_resolves_and_notifies_the_recipients_of_the_problem(scene: Scene) -> None:
    """The source resolved it; the recovery goes to the recipient of the problem."""
    scene.problem(LEAF)
    scene.now += seconds(9)
    (alert,) = scene.clear(LEAF).updated
    assert (alert.status, alert.resolved_by, alert.resolved_at) == (Status.RESOLVED, "traps", scene.now)
    assert alert.is_clear
    assert alert.severity is Severity.MAJOR
    assert scene.notified() == [("problem", LEAF, "noc@example.org"), ("recovery", LEAF, "noc@example.org")]


def test_a_clear_of_one_port_resolves_that_port_only(scene: Scene) -> None:
    """The resource is part of the identity."""
    scene.problem(LEAF, resource="ifIndex=7")
    scene.problem(LEAF, resource="ifIndex=8")
    scene.clear(LEAF, resource="ifIndex=7")
    assert scene.alert(LEAF, resource="ifIndex=7").status is Status.RESOLVED
    assert scene.alert(LEAF, resource="ifIndex=8").status is Status.ACTIVE


def test_an_older_problem_is_counted_and_changes_nothing_else(scene: Scene) -> None:
    """A late report does not revert the alert."""
    (alert,) = scene.problem(LEAF, severity="minor").created
    (after,) = scene.problem(LEAF, severity="critical", late_s=5).repeated
    assert after.occurrence_count == 2
    assert after.severity is Severity.MINOR
    assert after.last_occurrence_at == alert.last_occurrence_at


def test_an_older_clear_changes_nothing(scene: Scene) -> None:
    """The problem came back after it: the alert stays open."""
    scene.problem(LEAF)
    changes = scene.clear(LEAF, late_s=5)
    assert changes.is_empty
    assert changes.folded == 1
    assert scene.engine.get(scene.alert(LEAF).id) == scene.alert(LEAF)


def test_a_problem_soon_after_the_clear_reopens_the_alert(scene: Scene) -> None:
    """One row with its whole history; the new problem is sent."""
    (alert,) = scene.problem(LEAF).created
    scene.clear(LEAF)
    scene.wait(200)
    (again,) = scene.problem(LEAF).updated
    assert again.id == alert.id
    assert (again.status, again.resolved_at, again.occurrence_count) == (Status.ACTIVE, None, 2)
    assert scene.story(alert) == ["created", "resolved", "reopened"]
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}", f"problem {LEAF}"]


def test_a_problem_after_the_reopen_window_is_a_new_alert(scene: Scene) -> None:
    """The old row stays resolved."""
    (old,) = scene.problem(LEAF).created
    scene.clear(LEAF)
    scene.wait(301)
    (new,) = scene.problem(LEAF).created
    assert new.id != old.id


def test_a_late_problem_does_not_reopen(scene: Scene) -> None:
    """It occurred before the clear: it is counted on the closed alert."""
    scene.problem(LEAF, late_s=10)
    scene.clear(LEAF)
    changes = scene.problem(LEAF, late_s=5)
    assert [alert.status for alert in changes.repeated] == [Status.RESOLVED]
    assert changes.repeated[0].occurrence_count == 2


def test_a_problem_after_an_operator_resolved_it_reopens(scene: Scene) -> None:
    """The device's report counts more."""
    (alert,) = scene.problem(LEAF).created
    scene.order(Resolve(alert_id=alert.id, operator=ANNA))
    scene.now += seconds(1)
    assert scene.problem(LEAF).updated[0].status is Status.ACTIVE


def test_too_many_changes_are_flapping_with_one_notice_then_quiet(scene: Scene) -> None:
    """Three times down and up: the sixth change starts it; later changes send nothing."""
    for _ in range(5):
        scene.problem(LEAF)
        scene.now += seconds(1)
        scene.clear(LEAF)
        scene.now += seconds(1)
    alert = scene.alert(LEAF)
    assert alert.flapping_since is not None
    assert alert.status is Status.ACTIVE
    assert scene.sent().count(f"flapping {LEAF}") == 1
    assert scene.sent()[-1] == f"flapping {LEAF}"
    assert scene.story(alert)[-1] == "flapping"


def flapping(scene: Scene) -> None:
    """Bring the leaf to flap; its last change is a clear."""
    for _ in range(3):
        scene.problem(LEAF)
        scene.now += seconds(1)
        scene.clear(LEAF)
        scene.now += seconds(1)


def test_flapping_that_ends_clear_is_resolved_and_recovery_is_notified_once(scene: Scene) -> None:
    """The final state is sent, whatever it is."""
    flapping(scene)
    before = len(scene.notified())
    scene.wait(301)
    assert scene.alert(LEAF).status is Status.RESOLVED
    assert [kind for kind, _, _ in scene.notified()[before:]] == ["recovery"]
    assert scene.story(scene.alert(LEAF))[-2:] == ["stable", "resolved"]
    scene.wait(10_000)
    assert len(scene.notified()) == before + 1


def test_flapping_that_ends_as_a_problem_is_notified_as_stable(scene: Scene) -> None:
    """It is still open, and its recipients know it."""
    flapping(scene)
    scene.problem(LEAF)
    scene.wait(301)
    alert = scene.alert(LEAF)
    assert (alert.status, alert.flapping_since) == (Status.ACTIVE, None)
    assert scene.sent()[-1] == f"stable {LEAF}"
    scene.clear(LEAF)
    assert scene.sent()[-1] == f"recovery {LEAF}"


def test_flapping_lasts_as_long_as_it_changes(scene: Scene) -> None:
    """Every change postpones the end."""
    flapping(scene)
    for _ in range(5):
        scene.wait(200)
        scene.problem(LEAF)
        scene.wait(200)
        scene.clear(LEAF)
    assert scene.alert(LEAF).flapping_since is not None
    assert scene.sent().count(f"flapping {LEAF}") == 1


def test_a_severity_that_rises_again_and_again_is_flapping_too() -> None:
    """Otherwise a sensor between two thresholds would send `worse` for ever."""
    scene = Scene()
    for _ in range(20):
        scene.problem(LEAF, severity="minor")
        scene.problem(LEAF, severity="major")
        scene.now += seconds(1)
    assert scene.sent().count(f"worse {LEAF}") < 6
    assert scene.sent()[-1] == f"flapping {LEAF}"


def test_an_alert_without_repeat_expires(scene: Scene) -> None:
    """Events without a clear expire without a message."""
    scene.problem(LEAF, "network_cold_start", "warning", expires_after=timedelta(hours=1))
    scene.wait(1800)
    scene.problem(LEAF, "network_cold_start", "warning", expires_after=timedelta(hours=1))
    scene.wait(1801)
    assert scene.alert(LEAF, "network_cold_start").status is Status.ACTIVE
    scene.wait(1800)
    alert = scene.alert(LEAF, "network_cold_start")
    assert (alert.status, alert.resolved_at) == (Status.EXPIRED, scene.now)
    assert scene.story(alert) == ["created", "expired"]
    assert scene.sent() == [f"problem {LEAF}"]


def test_the_future_is_not_believed(scene: Scene) -> None:
    """A sender whose clock is ahead does not make its later clears look late."""
    scene.problem(LEAF, late_s=-86_400)
    alert = scene.alert(LEAF)
    assert START - IN_FLIGHT <= alert.occurred_at == alert.last_occurrence_at <= START
    scene.now += seconds(1)
    scene.clear(LEAF)
    assert scene.alert(LEAF).status is Status.RESOLVED


def test_routing_says_for_every_rule_whether_it_fired_and_why_not() -> None:
    """The decision is in the history of the transition, the rest follows from the facts beside it."""
    scene = Scene(rules=[rule("core", 3, severity=("critical",)), rule("noc", 4)])
    changes = scene.problem(LEAF)
    assert changes.history[0].changes == {
        "routing": [{"rule": "noc", "fired": True, "reason": "all conditions are met"}],
        "routed": {"rules": 2, "facts": {"event": "created", "severity": "major", "status": "active"}},
    }
    assert scene.verdicts(changes.history[0]) == [
        ("core", False, "severity is major, not critical"),
        ("noc", True, "all conditions are met"),
    ]
    assert changes.triggered_rules == {rule("noc", 4).id: scene.now}
    assert changes.history[0].action is HistoryAction.CREATED
