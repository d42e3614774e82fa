"""Acknowledgements that a source reports: followed once for each change there."""

from opsconductor.model.command import Acknowledge, Unacknowledge
from opsconductor.model.enums import Status
from tests.support.engine.pipeline_scene import ANNA, Scene, needs, report, seconds

SRV, CORE = "10.0.0.5", "10.0.0.1"
SENSOR = "application_sensor_alarm"
SCOPE = "prtg"


def poll(scene: Scene, severity: str = "critical", *, by: str | None = None) -> None:
    """Make a poller list one sensor."""
    scene.now += seconds(60)
    scene.poll(SCOPE, report(SRV, SENSOR, severity, at=scene.now, acknowledged_by=by))


def status(scene: Scene) -> tuple[Status, str | None]:
    """Return the status of the sensor's alert and who has acknowledged it."""
    alert = scene.alert(SRV, SENSOR)
    return alert.status, alert.acknowledged_by


def test_an_acknowledgement_of_the_source_is_followed() -> None:
    """The history has the person at the source and the rule; nothing is sent."""
    scene = Scene()
    poll(scene)
    poll(scene, by="bob")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")
    entry = scene.history(scene.alert(SRV, SENSOR))[-1]
    assert (entry.action, entry.rule, entry.user_name) == ("acknowledged", "source.acknowledged", "bob")
    assert scene.sent() == [f"problem {SRV}"]
    assert scene.alert(SRV, SENSOR).occurrence_count == 1


def test_the_same_again_writes_nothing() -> None:
    """A poll every minute does not acknowledge every minute."""
    scene = Scene()
    poll(scene, by="bob")
    poll(scene, by="bob")
    assert scene.changes[-1].is_empty
    assert scene.story(scene.alert(SRV, SENSOR)) == ["created", "acknowledged"]


def test_an_alert_first_reported_acknowledged_is_not_sent() -> None:
    """It is taken care of already; its recovery is not sent either."""
    scene = Scene()
    poll(scene, by="bob")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")
    scene.poll(SCOPE)
    assert scene.sent() == []


def test_a_withdrawal_by_an_operator_is_not_overruled() -> None:
    """The source repeats its acknowledgement; only a new one counts again."""
    scene = Scene()
    poll(scene, by="bob")
    scene.order(Unacknowledge(alert_id=scene.alert(SRV, SENSOR).id, operator=ANNA))
    poll(scene, by="bob")
    assert status(scene) == (Status.ACTIVE, None)
    scene.restart()
    poll(scene, by="bob")
    assert status(scene) == (Status.ACTIVE, None)
    poll(scene)
    poll(scene, by="bob")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")


def test_a_withdrawal_at_the_source_is_followed() -> None:
    """An acknowledgement there may end by itself; an alert never sent is sent now."""
    scene = Scene()
    poll(scene, by="bob")
    poll(scene)
    assert status(scene) == (Status.ACTIVE, None)
    entry = scene.history(scene.alert(SRV, SENSOR))[-2]
    assert (entry.action, entry.rule, entry.user_name) == ("unacknowledged", "source.unacknowledged", "traps")
    assert scene.sent() == [f"problem {SRV}"]


def test_an_acknowledgement_by_an_operator_stays_whatever_the_source_reports() -> None:
    """The source gets the acknowledgement, reports it, and may forget it again."""
    scene = Scene()
    poll(scene)
    scene.order(Acknowledge(alert_id=scene.alert(SRV, SENSOR).id, operator=ANNA))
    for by in (None, "api user", None):
        poll(scene, by=by)
        assert status(scene) == (Status.ACKNOWLEDGED, "anna")


def test_another_person_at_the_source_takes_over() -> None:
    """It stays acknowledged, by the person who takes care of it now."""
    scene = Scene()
    poll(scene, by="bob")
    poll(scene, by="eve")
    assert status(scene) == (Status.ACKNOWLEDGED, "eve")
    poll(scene)
    assert status(scene) == (Status.ACTIVE, None)


def test_a_higher_severity_is_active_again() -> None:
    """The acknowledgement is withdrawn, unless the source reports one for the higher severity."""
    scene = Scene()
    poll(scene, "warning", by="bob")
    poll(scene, "critical", by="bob")
    assert status(scene) == (Status.ACTIVE, None)
    assert scene.sent() == [f"problem {SRV}"]
    quiet = Scene()
    poll(quiet, "warning")
    poll(quiet, "critical", by="bob")
    assert status(quiet) == (Status.ACKNOWLEDGED, "bob")
    assert quiet.sent() == [f"problem {SRV}"]


def test_a_message_acknowledges_as_a_poll_does() -> None:
    """Also in the middle of repeats, and each of them is counted."""
    scene = Scene()
    reports = [
        report(SRV, SENSOR, "critical", at=scene.now, acknowledged_by=by) for by in (None, "bob", "bob", None)
    ]
    scene.send(*reports[:3])
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")
    scene.send(reports[3])
    assert status(scene) == (Status.ACTIVE, None)
    assert scene.alert(SRV, SENSOR).occurrence_count == 4
    assert scene.story(scene.alert(SRV, SENSOR)) == ["created", "acknowledged", "unacknowledged"]


def test_another_source_of_the_same_alert_knows_nothing_of_it() -> None:
    """Two systems with one fault do not withdraw each other's acknowledgement."""
    scene = Scene()
    poll(scene, by="bob")
    scene.problem(SRV, SENSOR, "critical", source_system="other")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")
    poll(scene, by="bob")
    assert scene.story(scene.alert(SRV, SENSOR)) == ["created", "acknowledged"]


def test_a_consequence_is_acknowledged_too() -> None:
    """It is not sent when its cause is over; withdrawn it is a consequence again."""
    scene = Scene(needs(SRV, CORE))
    scene.problem(CORE)
    poll(scene)
    assert status(scene)[0] is Status.SUPPRESSED
    poll(scene, by="bob")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")
    poll(scene)
    assert status(scene)[0] is Status.SUPPRESSED


def test_a_reopened_alert_is_active() -> None:
    """The acknowledgement belonged to the time before; the source's present state counts."""
    scene = Scene()
    poll(scene, by="bob")
    scene.poll(SCOPE)
    poll(scene)
    assert status(scene) == (Status.ACTIVE, None)
    scene.poll(SCOPE)
    poll(scene, by="bob")
    assert status(scene) == (Status.ACKNOWLEDGED, "bob")


def test_a_sender_cannot_forge_an_acknowledgement() -> None:
    """A custom field of that name from a sender acknowledges nothing."""
    scene = Scene()
    scene.problem(SRV, SENSOR, custom_fields={"source_acknowledged_by": "forged", "rack": "7"})
    assert status(scene) == (Status.ACTIVE, None)
    assert scene.alert(SRV, SENSOR).custom_fields == {"rack": "7"}


def test_a_message_may_name_the_snapshots_that_will_list_it() -> None:
    """If the recovery is lost, the next snapshot without the alert ends it."""
    scene = Scene()
    scene.problem(SRV, SENSOR, snapshot_scope=SCOPE)
    scene.poll(SCOPE, late_s=5)
    assert scene.alert(SRV, SENSOR).status is Status.ACTIVE
    scene.now += seconds(60)
    scene.poll(SCOPE, late_s=5)
    assert scene.alert(SRV, SENSOR).status is Status.RESOLVED
