"""Commands of operators: which are allowed, and which are refused."""

from datetime import timedelta
from uuid import UUID

import pytest

from opsconductor.errors import AlertConflict, AlertNotFound, CommandExpired
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Expected,
    Note,
    Operator,
    Resolve,
    Unacknowledge,
)
from opsconductor.model.enums import Severity, Status
from tests.support.engine.pipeline_scene import ANNA, Scene, needs

LEAF, CORE = "10.0.0.9", "10.0.0.1"


@pytest.fixture
def scene() -> Scene:
    """One open alert that was sent."""
    scene = Scene()
    scene.problem(LEAF)
    return scene


def test_acknowledging_says_who_and_when(scene: Scene) -> None:
    """The row and its history name the operator; nothing is sent."""
    changes = scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA, notes="on my way"))
    alert = scene.alert(LEAF)
    assert (alert.status, alert.acknowledged_by, alert.acknowledged_at) == (
        Status.ACKNOWLEDGED,
        "anna",
        scene.now,
    )
    (entry,) = changes.history
    assert (entry.user_name, entry.user_id, entry.notes) == ("anna", ANNA.id, "on my way")
    assert len(scene.notified()) == 1


def test_acknowledging_twice_is_refused_and_names_who_was_first(scene: Scene) -> None:
    """The second operator sees who acknowledged it."""
    command = Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA)
    scene.order(command)
    with pytest.raises(AlertConflict, match="acknowledged by anna since"):
        scene.order(command)


def test_unacknowledging_makes_it_active_without_notifying_again(scene: Scene) -> None:
    """Its recipients know of it already."""
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
    alert = scene.alert(LEAF)
    assert (alert.status, alert.acknowledged_by) == (Status.ACTIVE, None)
    assert len(scene.notified()) == 1


def test_unacknowledging_an_unsent_alert_notifies() -> None:
    """It was acknowledged while it was held; now it needs attention."""
    scene = Scene(needs(LEAF, CORE))
    scene.problem(LEAF)
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.wait(100)
    assert scene.notified() == []
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
    assert scene.sent() == [f"problem {LEAF}"]


def test_unacknowledging_an_unacknowledged_alert_is_refused(scene: Scene) -> None:
    """The message has the state of the alert."""
    with pytest.raises(AlertConflict, match="active, not acknowledged"):
        scene.order(Unacknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))


@pytest.mark.parametrize(
    ("expected", "match"),
    [
        (Expected(status=Status.ACTIVE), "acknowledged by anna since .* UTC, not active any more"),
        (Expected(status=Status.ACKNOWLEDGED, acknowledged_by="bert"), "by anna since .*, not by bert"),
        (Expected(severity=Severity.MINOR), "acknowledged by anna since .* and major, not minor any more"),
    ],
)
def test_an_alert_acknowledged_meanwhile_is_not_unacknowledged(
    scene: Scene, expected: Expected, match: str
) -> None:
    """A command for another state than the present one changes nothing, and says who changed it when."""
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    with pytest.raises(AlertConflict, match=match) as conflict:
        scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA, expected=expected))
    assert conflict.value.found["acknowledged_by"] == "anna"
    assert scene.alert(LEAF).status is Status.ACKNOWLEDGED
    seen = Expected(status=Status.ACKNOWLEDGED, severity=Severity.MAJOR, acknowledged_by="anna")
    scene.order(Unacknowledge(alert_id=alert.id, operator=ANNA, expected=seen))
    assert scene.alert(LEAF).status is Status.ACTIVE


def test_a_command_is_not_carried_out_after_its_time(scene: Scene) -> None:
    """A command delayed by a network or a queue changes nothing."""
    alert = scene.alert(LEAF)
    late = Expected(until=scene.now - timedelta(seconds=1))
    with pytest.raises(CommandExpired, match="was not executed"):
        scene.order(Acknowledge(alert_id=alert.id, operator=ANNA, expected=late))
    assert scene.alert(LEAF).status is Status.ACTIVE
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA, expected=Expected(until=scene.now)))
    assert scene.alert(LEAF).status is Status.ACKNOWLEDGED


def test_resolving_notifies_the_recipients_of_the_problem(scene: Scene) -> None:
    """A resolution by an operator counts as the end."""
    scene.order(Resolve(alert_id=scene.alert(LEAF).id, operator=ANNA))
    alert = scene.alert(LEAF)
    assert (alert.status, alert.resolved_by, alert.is_clear) == (Status.RESOLVED, "anna", False)
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}"]


def test_a_resolved_alert_can_be_noted_but_not_resolved_again(scene: Scene) -> None:
    """A note can be added as long as the alert is known."""
    alert = scene.alert(LEAF)
    scene.clear(LEAF)
    with pytest.raises(AlertConflict, match="is resolved"):
        scene.order(Resolve(alert_id=alert.id, operator=ANNA))
    scene.order(Note(alert_id=alert.id, operator=ANNA, notes="cable replaced"))
    assert scene.history(alert)[-1].notes == "cable replaced"


def test_an_alert_is_assigned_and_unassigned(scene: Scene) -> None:
    """The history keeps both."""
    alert = scene.alert(LEAF)
    scene.order(Assign(alert_id=alert.id, operator=ANNA, assigned_to="bert"))
    assert scene.alert(LEAF).assigned_to == "bert"
    scene.order(Assign(alert_id=alert.id, operator=ANNA, assigned_to=None))
    assert scene.alert(LEAF).assigned_to is None
    assert scene.history(alert)[-1].changes["assigned_to"] == ["bert", None]


@pytest.mark.parametrize("wait_s", [0, 301])
def test_an_alert_the_engine_does_not_know_is_not_found(scene: Scene, wait_s: float) -> None:
    """It never existed, or was closed longer ago than the reopen window."""
    alert_id = UUID(int=5)
    if wait_s:
        alert_id = scene.alert(LEAF).id
        scene.clear(LEAF)
        scene.now = scene.now.replace(hour=23)
    with pytest.raises(AlertNotFound):
        scene.order(Note(alert_id=alert_id, operator=ANNA, notes="?"))


def test_a_name_longer_than_the_column_is_cut(scene: Scene) -> None:
    """A long name does not stop the database."""
    long = Operator(name="x" * 500)
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=long))
    assert len(scene.alert(LEAF).acknowledged_by or "") == 100
    assert len(scene.history(scene.alert(LEAF))[-1].user_name or "") == 100


def test_acknowledging_a_consequence_takes_it_from_its_cause() -> None:
    """It is handled by itself now, and the cause counts one less."""
    scene = Scene(needs(LEAF, CORE))
    scene.problem(CORE)
    scene.problem(LEAF)
    assert scene.alert(CORE).impacted == 1
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))
    assert scene.alert(LEAF).correlated_to_id is None
    assert scene.alert(CORE).impacted == 0


def test_resolving_a_flapping_alert_ends_the_flapping(scene: Scene) -> None:
    """The next problem starts anew."""
    for _ in range(3):
        scene.clear(LEAF)
        scene.problem(LEAF)
    assert scene.alert(LEAF).flapping_since is not None
    scene.order(Resolve(alert_id=scene.alert(LEAF).id, operator=ANNA))
    scene.problem(LEAF)
    assert scene.alert(LEAF).flapping_since is None
    assert scene.sent()[-1] == f"problem {LEAF}"


def test_an_acknowledged_alert_that_flaps_and_escalates_is_notified_when_it_is_stable(
    scene: Scene,
) -> None:
    """A higher severity withdraws the acknowledgement; while it flaps nothing is sent, the final state is."""
    for _ in range(3):
        scene.clear(LEAF)
        scene.now += timedelta(seconds=1)
        scene.problem(LEAF)
        scene.now += timedelta(seconds=1)
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))
    assert scene.sent()[-1] == f"flapping {LEAF}"
    before = len(scene.notified())
    scene.problem(LEAF, severity="critical")
    alert = scene.alert(LEAF)
    assert (alert.status, alert.acknowledged_by, alert.severity) == (Status.ACTIVE, None, Severity.CRITICAL)
    assert alert.flapping_since is not None
    assert scene.story(alert)[-1] == "escalated"
    assert len(scene.notified()) == before
    scene.wait(301)
    assert scene.alert(LEAF).status is Status.ACTIVE
    assert scene.sent()[before:] == [f"stable {LEAF}"]


def test_an_acknowledged_alert_that_flaps_and_repeats_stays_acknowledged_and_quiet(scene: Scene) -> None:
    """The same or a lower severity changes nothing; its end is not sent either."""
    for _ in range(3):
        scene.clear(LEAF)
        scene.now += timedelta(seconds=1)
        scene.problem(LEAF)
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))
    before = len(scene.notified())
    scene.problem(LEAF)
    scene.problem(LEAF, severity="minor")
    scene.wait(301)
    alert = scene.alert(LEAF)
    assert (alert.status, alert.flapping_since) == (Status.ACKNOWLEDGED, None)
    assert len(scene.notified()) == before
