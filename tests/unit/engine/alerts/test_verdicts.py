"""Verification of alerts by polling: what it holds back, what it ends, and what it leaves unchanged."""

from datetime import datetime

import pytest

from opsconductor.engine.state import VerificationPolicy
from opsconductor.errors import AlertConflict
from opsconductor.model.alert import Alert
from opsconductor.model.command import Operator, Verified
from opsconductor.model.enums import Status
from tests.support.engine.pipeline_scene import Scene, needs, report, seconds

SW, CORE = "10.0.0.5", "10.0.0.1"
POLLER = Operator(name="network")
FOUND = "ifOperStatus.7 is down(2)"


def looks(*, hold_s: float = 5) -> VerificationPolicy:
    """Verify link-down alerts."""
    return VerificationPolicy(
        verifiers={"poller"},
        applies_to=lambda alert: alert.alert_type == "network_link_down",
        hold_time=seconds(hold_s),
    )


def verdict(alert: Alert, at: datetime, *, is_over: bool | None) -> Verified:
    """Make the result of a verification."""
    return Verified(alert_id=alert.id, operator=POLLER, is_over=is_over, looked_at=at, notes=FOUND)


def look(scene: Scene, *, is_over: bool | None, device: str = SW) -> Alert:
    """Apply a verification now, and return the alert afterwards."""
    scene.order(verdict(scene.alert(device), scene.now, is_over=is_over))
    return scene.alert(device)


def test_nothing_is_sent_before_the_verification() -> None:
    """A new alert is held; one of another type is sent at once."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    scene.problem(SW, "network_bgp_down")
    assert scene.sent() == [f"problem {SW}"]
    assert scene.alert(SW).notify_at == scene.now + seconds(5)


def test_an_alert_found_over_is_not_sent() -> None:
    """It is resolved with the result in its history; neither problem nor recovery is sent."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    scene.now += seconds(1)
    alert = look(scene, is_over=True)
    assert (alert.status, alert.resolved_by) == (Status.RESOLVED, "network")
    entry = scene.history(alert)[-1]
    assert (entry.action, entry.rule, entry.user_name, entry.notes) == (
        *("resolved", "verify.over", "network", FOUND),
    )
    scene.wait(60)
    assert scene.sent() == []


def test_a_confirmed_alert_is_sent_at_once() -> None:
    """The history has the verification and the rules; the time limit sends nothing a second time."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    scene.now += seconds(1)
    alert = look(scene, is_over=False)
    assert scene.sent() == [f"problem {SW}"]
    entry = scene.history(alert)[-1]
    assert (entry.action, entry.rule, entry.notes) == ("notified", "verify.stands", FOUND)
    assert "routing" in entry.changes
    scene.wait(60)
    assert scene.sent() == [f"problem {SW}"]


def test_an_alert_of_unknown_state_is_sent_at_once() -> None:
    """A verification without a result is no reason to wait longer."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    alert = look(scene, is_over=None)
    assert scene.sent() == [f"problem {SW}"]
    assert scene.history(alert)[-1].rule == "verify.unknown"


def test_after_the_time_limit_the_alert_is_sent_without_a_result() -> None:
    """A slow verification delays no message further; when it finds the alert over later, that is sent."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    scene.wait(5)
    assert scene.sent() == [f"problem {SW}"]
    look(scene, is_over=True)
    assert scene.sent() == [f"problem {SW}", f"recovery {SW}"]


def test_without_looks_nothing_is_held() -> None:
    """Without a connector that can verify, alerts are sent as usual."""
    scene = Scene()
    scene.problem(SW)
    assert scene.sent() == [f"problem {SW}"]
    assert scene.story(scene.alert(SW)) == ["created"]


def test_a_standing_alert_still_waits_for_its_cause() -> None:
    """The settle time is not shortened: a late cause suppresses it."""
    scene = Scene(needs(SW, CORE), looks=looks(hold_s=10), settle_time=seconds(5))
    scene.problem(SW)
    assert scene.alert(SW).notify_at == scene.now + seconds(10)
    scene.now += seconds(1)
    alert = look(scene, is_over=False)
    assert scene.sent() == []
    assert scene.history(alert)[-1].rule == "verify.stands"
    assert alert.notify_at == scene.now + seconds(4)
    scene.problem(CORE, "network_unreachable")
    scene.wait(60)
    assert scene.alert(SW).status is Status.SUPPRESSED
    assert scene.sent() == [f"problem {CORE}"]


def test_a_standing_alert_is_notified_when_no_cause_has_come() -> None:
    """After the settle time, not after the longer time limit of the verification."""
    scene = Scene(needs(SW, CORE), looks=looks(hold_s=10), settle_time=seconds(5))
    scene.problem(SW)
    look(scene, is_over=False)
    scene.wait(5)
    assert scene.sent() == [f"problem {SW}"]


def test_an_alert_reported_again_since_the_verification_is_not_over() -> None:
    """The verification saw the time between two faults; the second one is not lost."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    began = scene.now + seconds(1)
    scene.now += seconds(2)
    scene.problem(SW)
    scene.order(verdict(scene.alert(SW), began, is_over=True))
    assert scene.alert(SW).status is Status.ACTIVE
    scene.wait(5)
    assert scene.sent() == [f"problem {SW}"]


def test_a_verification_of_a_sent_alert_is_noted() -> None:
    """It is in the history; nothing is sent again, and the acknowledgement stays."""
    scene = Scene()
    scene.problem(SW)
    alert = look(scene, is_over=False)
    entry = scene.history(alert)[-1]
    assert (entry.action, entry.rule, entry.notes) == ("noted", "verify.stands", FOUND)
    assert scene.sent() == [f"problem {SW}"]


def test_a_verification_replaces_a_lost_clear() -> None:
    """An overdue alert that is over is resolved, and its recipients get the recovery."""
    scene = Scene()
    scene.problem(SW)
    scene.wait(3600)
    assert look(scene, is_over=True).status is Status.RESOLVED
    assert scene.sent() == [f"problem {SW}", f"recovery {SW}"]


def test_a_reopened_alert_is_looked_at_again() -> None:
    """The same problem soon after is held like the first time."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    look(scene, is_over=True)
    scene.now += seconds(10)
    scene.problem(SW)
    assert scene.alert(SW).notify_at == scene.now + seconds(5)
    assert scene.sent() == []


def test_an_alert_that_is_closed_is_not_touched() -> None:
    """A late verification is refused."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    alert = scene.alert(SW)
    scene.now += seconds(1)
    scene.clear(SW)
    with pytest.raises(AlertConflict):
        scene.order(verdict(alert, scene.now, is_over=False))


def test_a_hold_outlives_a_restart() -> None:
    """After a start the alert is still held, and sent when its time has come."""
    scene = Scene(looks=looks())
    scene.problem(SW)
    scene.now += seconds(1)
    scene.restart()
    scene.wait(1)
    assert scene.sent() == []
    scene.wait(3)
    assert scene.sent() == [f"problem {SW}"]


def test_a_flapping_alert_ends_when_it_is_stable() -> None:
    """A verification that finds it over is one more change; while it flaps no change is sent."""
    scene = Scene(looks=looks(), flap_transitions=3)
    for _ in range(2):
        scene.problem(SW)
        scene.now += seconds(1)
        scene.clear(SW)
        scene.now += seconds(1)
    scene.problem(SW)
    alert = look(scene, is_over=True)
    assert alert.flapping_since is not None
    assert alert.is_clear
    scene.wait(400)
    assert scene.alert(SW).status is Status.RESOLVED


def test_a_snapshot_alert_can_be_looked_at_as_well() -> None:
    """Also an alert that another poller lists."""
    scene = Scene()
    scene.poll("prtg", report(SW, at=scene.now))
    scene.now += seconds(1)
    assert look(scene, is_over=True).status is Status.RESOLVED
