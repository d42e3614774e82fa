"""Undoing commands: the state before them is restored, with its acknowledgement or shelf."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opsconductor.errors import AlertConflict
from opsconductor.model.alert import Alert
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Operator,
    Reopen,
    Resolve,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
)
from opsconductor.model.enums import HistoryAction, Status
from tests.support.engine.people_scene import MINUTE, directory, paging, policy, step
from tests.support.engine.pipeline_scene import ANNA, Scene, needs, seconds

LEAF, CORE = "10.0.0.9", "10.0.0.1"
BOB = Operator(name="bob")
NONE = timedelta(0)
CHAIN = policy("core", step(NONE, "person anna"), step(15 * MINUTE, "person bob"))


@pytest.fixture
def scene() -> Scene:
    """One open alert, major, that was sent."""
    scene = Scene(settle_time=NONE)
    scene.problem(LEAF)
    return scene


def handled(scene: Scene) -> Alert:
    """Make Anna acknowledge, shelve, tag and assign the alert; return it."""
    alert_id = scene.alert(LEAF).id
    scene.order(Acknowledge(alert_id=alert_id, operator=ANNA))
    until = scene.now + seconds(7_200)
    scene.order(Shelve(alert_id=alert_id, operator=ANNA, until=until, notes="spare part"))
    scene.order(Tag(alert_id=alert_id, operator=ANNA, add=("change-1",)))
    scene.order(Assign(alert_id=alert_id, operator=ANNA, assigned_to="carl"))
    return scene.alert(LEAF)


def test_a_resolution_that_is_taken_back_leaves_the_alert_as_it_was(scene: Scene) -> None:
    """Acknowledgement with its time, shelf, tags and assignee are kept; history names who undid it."""
    before = handled(scene)
    scene.wait(60)
    scene.order(Resolve(alert_id=before.id, operator=BOB))
    scene.wait(5)
    changes = scene.order(Reopen(alert_id=before.id, operator=BOB, restore=True))
    after = scene.alert(LEAF)
    changing = {"transitions", "last_event", "muted_since", "impacted", "notified"}
    assert {name for name in Alert.__slots__ if getattr(after, name) != getattr(before, name)} <= changing
    (entry,) = changes.history
    assert (entry.action, entry.old_status, entry.new_status, entry.user_name) == (
        HistoryAction.REOPENED,
        Status.RESOLVED,
        Status.ACKNOWLEDGED,
        "bob",
    )
    assert entry.changes["acknowledged_by"] == [None, "anna"]


def test_recipients_of_the_recovery_get_the_problem_again(scene: Scene) -> None:
    """Once, though it is acknowledged again; a later recovery reaches the same recipients."""
    alert_id = scene.alert(LEAF).id
    scene.order(Acknowledge(alert_id=alert_id, operator=ANNA))
    scene.order(Resolve(alert_id=alert_id, operator=ANNA))
    scene.order(Reopen(alert_id=alert_id, operator=ANNA, restore=True))
    scene.wait(3_600)
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}", f"problem {LEAF}"]
    scene.clear(LEAF)
    assert scene.sent()[3:] == [f"recovery {LEAF}"]


def test_a_muted_alert_whose_resolution_is_taken_back_sends_no_second_recovery(scene: Scene) -> None:
    """Its recipients know only that it was over: nothing was sent since."""
    before = handled(scene)
    scene.order(Resolve(alert_id=before.id, operator=BOB))
    scene.order(Reopen(alert_id=before.id, operator=BOB, restore=True))
    assert (scene.alert(LEAF).status, scene.alert(LEAF).notified) == (Status.ACKNOWLEDGED, ())
    scene.clear(LEAF)
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}"]


def test_an_active_alert_is_active_again(scene: Scene) -> None:
    """It is sent as a problem, like any reopened alert."""
    alert_id = scene.alert(LEAF).id
    scene.order(Resolve(alert_id=alert_id, operator=ANNA))
    scene.order(Reopen(alert_id=alert_id, operator=ANNA, restore=True))
    assert scene.alert(LEAF).status is Status.ACTIVE
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}", f"problem {LEAF}"]


def test_an_acknowledgement_that_is_taken_back_stops_no_escalation() -> None:
    """No reminder is sent, and the next step comes at its original time."""
    scene = Scene((), (paging("escalation core"),), directory=directory("anna", "bob", policies=[CHAIN]))
    scene.problem(LEAF)
    scene.wait(600)
    before = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=before.id, operator=BOB))
    scene.wait(10)
    scene.order(Unacknowledge(alert_id=before.id, operator=BOB, restore=True))
    assert scene.alert(LEAF) == before
    scene.wait(289)
    assert len(scene.notified()) == 1
    scene.wait(1)
    assert [recipient.partition("@")[0] for _, _, recipient in scene.notified()] == ["anna", "bob"]


def test_an_acknowledgement_of_the_source_that_is_taken_back_leads_to_the_first_message(scene: Scene) -> None:
    """The alert came acknowledged, so that no one has been notified of it yet."""
    scene.problem(CORE, acknowledged_by="carl")
    scene.order(Unacknowledge(alert_id=scene.alert(CORE).id, operator=ANNA, restore=True))
    assert scene.sent() == [f"problem {LEAF}", f"problem {CORE}"]


def test_a_step_that_was_due_meanwhile_is_run_at_once() -> None:
    """An acknowledgement that is taken back late has only delayed it."""
    scene = Scene((), (paging("escalation core"),), directory=directory("anna", "bob", policies=[CHAIN]))
    scene.problem(LEAF)
    alert_id = scene.alert(LEAF).id
    scene.order(Acknowledge(alert_id=alert_id, operator=BOB))
    scene.wait(3_600)
    scene.order(Unacknowledge(alert_id=alert_id, operator=BOB, restore=True))
    scene.wait(1)
    assert [recipient.partition("@")[0] for _, _, recipient in scene.notified()] == ["anna", "bob"]


def test_a_consequence_is_suppressed_again_or_sent_if_its_cause_is_over() -> None:
    """An alert that was suppressed before the acknowledgement does not stay silent without a cause."""
    for is_over in (False, True):
        scene = Scene(needs(LEAF, CORE), settle_time=NONE)
        scene.problem(CORE)
        scene.problem(LEAF)
        alert_id = scene.alert(LEAF).id
        scene.order(Acknowledge(alert_id=alert_id, operator=ANNA))
        if is_over:
            scene.clear(CORE)
        scene.order(Unacknowledge(alert_id=alert_id, operator=ANNA, restore=True))
        assert scene.alert(LEAF).status is (Status.ACTIVE if is_over else Status.SUPPRESSED)
        assert (f"problem {LEAF}" in scene.sent()) is is_over


def test_a_shelf_that_is_taken_back_leaves_the_one_before(scene: Scene) -> None:
    """Until its time, by its person, for its reason; without an earlier one the alert is unshelved."""
    alert_id = scene.alert(LEAF).id
    scene.order(Shelve(alert_id=alert_id, operator=ANNA, until=scene.now + seconds(7_200), notes="part"))
    before = scene.alert(LEAF)
    scene.order(Shelve(alert_id=alert_id, operator=BOB, until=scene.now + seconds(60)))
    scene.order(Unshelve(alert_id=alert_id, operator=BOB, restore=True))
    assert replace(scene.alert(LEAF), muted_since=before.muted_since) == before
    scene.order(Unshelve(alert_id=alert_id, operator=BOB))
    scene.order(Shelve(alert_id=alert_id, operator=BOB, until=scene.now + seconds(60)))
    scene.order(Unshelve(alert_id=alert_id, operator=BOB, restore=True))
    alert = scene.alert(LEAF)
    assert (alert.shelved_until, alert.muted_by) == (None, None)


def test_after_a_restart_an_undo_is_refused(scene: Scene) -> None:
    """Nothing is changed then, and the message says what to do instead."""
    handled(scene)
    scene.restart()
    alert_id = scene.alert(LEAF).id
    with pytest.raises(AlertConflict, match="unacknowledge it instead"):
        scene.order(Unacknowledge(alert_id=alert_id, operator=ANNA, restore=True))
    with pytest.raises(AlertConflict, match="unshelve it instead"):
        scene.order(Unshelve(alert_id=alert_id, operator=ANNA, restore=True))
