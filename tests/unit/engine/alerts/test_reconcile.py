"""Snapshots of pollers: an alert that is not listed is over."""

from opsconductor.model.command import Resolve
from opsconductor.model.enums import Status
from tests.support.engine.pipeline_scene import ANNA, Scene, report, seconds

NAS, UPS = "10.0.0.5", "10.0.0.6"
FULL = "storage_full"


def full(scene: Scene, device_ip: str = NAS, severity: str = "major", **values: object):  # noqa: ANN201
    """Report a full disk as a poller sees it now."""
    return report(device_ip, FULL, severity, at=scene.now, **values)


def test_a_listed_alert_is_opened_in_its_scope() -> None:
    """It is an alert like any other."""
    scene = Scene()
    scene.poll("nas", full(scene))
    alert = scene.alert(NAS, FULL)
    assert (alert.status, alert.snapshot_scope) == (Status.ACTIVE, "nas")
    assert scene.sent() == [f"problem {NAS}"]


def test_an_alert_no_longer_listed_is_resolved() -> None:
    """Even if the message that it is over was never sent."""
    scene = Scene()
    scene.poll("nas", full(scene), full(scene, UPS))
    scene.now += seconds(60)
    scene.poll("nas", full(scene, UPS))
    assert scene.alert(NAS, FULL).status is Status.RESOLVED
    assert scene.alert(UPS, FULL).status is Status.ACTIVE
    assert scene.history(scene.alert(NAS, FULL))[-1].rule == "snapshot.missing"


def test_a_snapshot_clears_only_in_its_own_scope() -> None:
    """Alerts of another poller or of a trap stay open."""
    scene = Scene()
    scene.poll("nas", full(scene))
    scene.problem(UPS, FULL)
    scene.now += seconds(60)
    scene.poll("ups")
    assert scene.alert(NAS, FULL).status is scene.alert(UPS, FULL).status is Status.ACTIVE


def test_the_same_listing_again_changes_nothing() -> None:
    """Polling every minute writes nothing as long as nothing changes."""
    scene = Scene()
    scene.poll("nas", full(scene))
    scene.now += seconds(60)
    assert scene.poll("nas", full(scene)).is_empty
    assert scene.alert(NAS, FULL).occurrence_count == 1


def test_a_new_message_or_expiry_is_taken_over_without_counting() -> None:
    """The measured value changes with every poll."""
    scene = Scene()
    scene.poll("nas", full(scene, message="95 %", expires_after=seconds(300)))
    scene.now += seconds(60)
    (alert,) = scene.poll("nas", full(scene, message="96 %", expires_after=seconds(300))).updated
    assert (alert.message, alert.occurrence_count) == ("96 %", 1)
    assert alert.expires_at == scene.now + seconds(300)


def test_a_listing_of_higher_severity_is_sent_as_worse() -> None:
    """Pollers fold like traps."""
    scene = Scene()
    scene.poll("nas", full(scene, severity="minor"))
    scene.now += seconds(60)
    scene.poll("nas", full(scene, severity="critical"))
    assert scene.sent() == [f"problem {NAS}", f"worse {NAS}"]


def test_of_two_sensors_of_one_fault_the_worse_counts() -> None:
    """The worse one counts; every poll reports the same."""
    scene = Scene()
    for _ in range(3):
        scene.poll("nas", full(scene, severity="critical"), full(scene, severity="minor"))
        scene.now += seconds(60)
    assert scene.sent() == [f"problem {NAS}"]
    assert scene.alert(NAS, FULL).severity == "critical"


def test_an_older_snapshot_is_ignored() -> None:
    """It was overtaken on its way."""
    scene = Scene()
    scene.poll("nas", full(scene))
    changes = scene.poll("nas", late_s=30)
    assert changes.is_empty
    assert scene.alert(NAS, FULL).status is Status.ACTIVE


def test_a_snapshot_taken_before_the_last_report_does_not_clear_it() -> None:
    """The trap is newer than the snapshot."""
    scene = Scene()
    scene.poll("nas", full(scene))
    scene.now += seconds(60)
    scene.problem(NAS, FULL)
    scene.poll("nas", late_s=5)
    assert scene.alert(NAS, FULL).status is Status.ACTIVE


def test_a_trap_alert_that_a_poller_lists_comes_into_its_scope() -> None:
    """From now on the poller notices its end, even if the trap's clear is lost."""
    scene = Scene()
    scene.problem(NAS, FULL)
    scene.now += seconds(60)
    scene.poll("nas", full(scene))
    scene.now += seconds(60)
    scene.poll("nas")
    assert scene.alert(NAS, FULL).status is Status.RESOLVED


def test_a_problem_that_began_long_ago_is_listed_again_after_it_was_resolved() -> None:
    """A poller that still lists it reopens it, whenever it says it began."""
    scene = Scene()
    began_at = scene.now
    scene.poll("nas", full(scene))
    scene.order(Resolve(alert_id=scene.alert(NAS, FULL).id, operator=ANNA))
    scene.now += seconds(60)
    scene.poll("nas", report(NAS, FULL, at=began_at))
    assert scene.alert(NAS, FULL).status is Status.ACTIVE


def test_a_clear_in_a_snapshot_counts_as_not_listed() -> None:
    """Some systems list healthy objects, too."""
    scene = Scene()
    scene.poll("nas", full(scene))
    scene.now += seconds(60)
    scene.poll("nas", full(scene, severity="clear"))
    assert scene.alert(NAS, FULL).status is Status.RESOLVED


def test_the_time_a_problem_began_is_kept() -> None:
    """The poller knows the time of its begin."""
    scene = Scene()
    scene.now += seconds(600)
    scene.poll("nas", report(NAS, FULL, at=scene.now - seconds(500)))
    assert scene.alert(NAS, FULL).occurred_at == scene.now - seconds(500)
    assert scene.alert(NAS, FULL).last_occurrence_at == scene.now
