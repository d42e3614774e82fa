"""Operators override the source: reopening, severity and tags; each can be undone."""

import pytest

from opsconductor.errors import AlertConflict
from opsconductor.model.command import Acknowledge, Reopen, Resolve, SetSeverity, Tag
from opsconductor.model.enums import HistoryAction, Priority, Severity, Status
from tests.support.engine.pipeline_scene import ANNA, Scene, needs

LEAF, CORE = "10.0.0.9", "10.0.0.1"


@pytest.fixture
def scene() -> Scene:
    """One open alert, major, that was sent."""
    scene = Scene()
    scene.problem(LEAF)
    return scene


def set_to(scene: Scene, severity: Severity | None, reason: str | None = None) -> SetSeverity:
    """Make the command to set the severity of the alert."""
    return SetSeverity(alert_id=scene.alert(LEAF).id, operator=ANNA, severity=severity, notes=reason)


def test_a_resolved_alert_is_reopened_and_sent_as_a_problem(scene: Scene) -> None:
    """Recipients of the recovery get a problem; history names the operator; it is not acknowledged."""
    alert = scene.alert(LEAF)
    scene.order(Acknowledge(alert_id=alert.id, operator=ANNA))
    scene.order(Resolve(alert_id=alert.id, operator=ANNA))
    changes = scene.order(Reopen(alert_id=alert.id, operator=ANNA, notes="too early"))
    alert = scene.alert(LEAF)
    assert (alert.status, alert.resolved_at, alert.acknowledged_by) == (Status.ACTIVE, None, None)
    (entry,) = changes.history
    assert (entry.action, entry.user_name, entry.notes) == (HistoryAction.REOPENED, "anna", "too early")
    assert scene.sent() == [f"problem {LEAF}", f"recovery {LEAF}", f"problem {LEAF}"]


def test_a_reopened_alert_whose_path_is_cut_is_suppressed() -> None:
    """As if it had come now: a consequence is not sent."""
    scene = Scene(needs(LEAF, CORE))
    scene.problem(LEAF)
    scene.wait(100)
    alert = scene.alert(LEAF)
    scene.order(Resolve(alert_id=alert.id, operator=ANNA))
    scene.problem(CORE)
    before = len(scene.notified())
    scene.order(Reopen(alert_id=alert.id, operator=ANNA))
    assert scene.alert(LEAF).status is Status.SUPPRESSED
    assert len(scene.notified()) == before


def test_an_open_alert_is_not_reopened(scene: Scene) -> None:
    """The message has the state of the alert."""
    with pytest.raises(AlertConflict, match="the alert is active"):
        scene.order(Reopen(alert_id=scene.alert(LEAF).id, operator=ANNA))


def test_a_severity_that_is_set_stays_over_repeats_until_it_is_withdrawn(scene: Scene) -> None:
    """The device's own is shown beside it and follows its reports, up and down; those are not sent."""
    scene.order(set_to(scene, Severity.INFO, "lab device"))
    alert = scene.alert(LEAF)
    assert (alert.severity, alert.reported_severity, alert.severity_by) == ("info", "major", "anna")
    assert (alert.severity_reason, alert.priority) == ("lab device", Priority.P5)
    for severity in ("major", "critical"):
        scene.problem(LEAF, severity=severity)
        alert = scene.alert(LEAF)
        assert (alert.severity, alert.reported_severity) == ("info", severity)
    assert scene.sent() == [f"problem {LEAF}"]
    changes = scene.order(set_to(scene, None))
    alert = scene.alert(LEAF)
    assert (alert.severity, alert.reported_severity, alert.severity_by) == ("critical", None, None)
    assert (changes.history[0].action, changes.history[0].rule) == (
        HistoryAction.ESCALATED,
        "operator.severity_withdrawn",
    )
    assert scene.sent() == [f"problem {LEAF}", f"worse {LEAF}"]


def test_a_higher_severity_is_sent_and_an_acknowledgement_stays(scene: Scene) -> None:
    """The person who set it knows of both."""
    scene.order(Acknowledge(alert_id=scene.alert(LEAF).id, operator=ANNA))
    changes = scene.order(set_to(scene, Severity.CRITICAL))
    alert = scene.alert(LEAF)
    assert (alert.status, alert.severity, alert.reported_severity) == ("acknowledged", "critical", "major")
    assert changes.history[0].changes["severity"] == ["major", "critical"]
    assert scene.sent() == [f"problem {LEAF}", f"worse {LEAF}"]


def test_the_severity_of_the_device_is_withdrawn_only_if_it_was_replaced(scene: Scene) -> None:
    """Neither that nor `clear` is accepted."""
    with pytest.raises(AlertConflict, match="no other severity is set"):
        scene.order(set_to(scene, None))
    with pytest.raises(AlertConflict, match="ended by `resolve`"):
        scene.order(set_to(scene, Severity.CLEAR))


def test_tags_of_people_stay_when_the_source_reports_others(scene: Scene) -> None:
    """Tags added and removed are in the history; the source's tags are kept apart."""
    alert_id = scene.alert(LEAF).id
    scene.problem(LEAF, severity="minor", tags=("core",))
    scene.order(Tag(alert_id=alert_id, operator=ANNA, add=("vip", "change-4711", "vip")))
    assert scene.alert(LEAF).tags == ("core", "vip", "change-4711")
    scene.problem(LEAF, severity="major", tags=("edge",))
    assert scene.alert(LEAF).tags == ("edge", "vip", "change-4711")
    changes = scene.order(Tag(alert_id=alert_id, operator=ANNA, remove=("vip", "never had it")))
    assert scene.alert(LEAF).tags == ("edge", "change-4711")
    assert changes.history[0].changes == {"tags": [["edge", "vip", "change-4711"], ["edge", "change-4711"]]}
    with pytest.raises(AlertConflict, match="the tag edge is the source's"):
        scene.order(Tag(alert_id=alert_id, operator=ANNA, remove=("edge",)))
    with pytest.raises(AlertConflict, match="more than 50 tags"):
        scene.order(Tag(alert_id=alert_id, operator=ANNA, add=tuple(map(str, range(50)))))
