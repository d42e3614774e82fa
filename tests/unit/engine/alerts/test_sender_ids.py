"""Alerts whose sender has an id of its own for the problem: they are paired by it."""

from collections.abc import Sequence

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.model.inventory.device import Device
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import Scene, device, needs, report, rule

SW1, SW2, CORE, ACCESS = "192.0.2.1", "192.0.2.2", "192.0.2.10", "192.0.2.11"
DISK = "storage_disk_full"


def send(
    scene: Scene, problem_id: str, severity: str = "major", device_ip: str = SW1, **values: object
) -> Changes:
    """Report a problem, or its end, with the sender's own id."""
    given = {"alert_type": DISK, "resource": "trigger=150", "source_system": "zabbix"} | values
    return scene.send(
        report(
            device_ip,
            severity=severity,
            at=scene.now,
            source_alert_id=problem_id,
            has_problem_id=bool(problem_id),
            **given,  # type: ignore[arg-type]
        )
    )


def rows(scene: Scene) -> Sequence[Alert]:
    """List all alerts, the oldest first."""
    return sorted(scene.rows(), key=lambda row: row.id)


def test_a_recovery_ends_the_problem_of_its_id_whatever_was_renamed() -> None:
    """Another address, type and resource in the recovery do not keep the problem open."""
    scene = Scene()
    send(scene, "950")
    scene.wait(5)
    changes = send(scene, "950", "clear", SW2, alert_type="application_renamed", resource="")
    (alert,) = rows(scene)
    assert (alert.status, alert.device_ip, alert.alert_type) == (Status.RESOLVED, SW1, DISK)
    assert changes.unmatched_clears == ()
    assert scene.sent() == [f"problem {SW1}", f"recovery {SW1}"]


def test_a_recovery_of_another_id_ends_nothing() -> None:
    """Two problems of one trigger are distinguished by their ids; the wrong one is not closed."""
    scene = Scene()
    send(scene, "950")
    send(scene, "951")
    send(scene, "951", "clear")
    assert [alert.status for alert in rows(scene)] == [Status.ACTIVE, Status.RESOLVED]


def test_an_unmatched_recovery_is_kept_with_its_details() -> None:
    """The changes have sender, id, device and type of a recovery without a problem."""
    scene = Scene()
    (unmatched,) = send(scene, "77", "clear").unmatched_clears
    assert unmatched.source_system == "zabbix"
    assert (unmatched.source_alert_id, unmatched.device) == ("77", SW1)
    assert (unmatched.alert_type, unmatched.resource) == (DISK, "trigger=150")


def test_a_late_problem_whose_recovery_came_first_is_created_resolved() -> None:
    """The id is remembered for a while, like fingerprints without ids."""
    scene = Scene()
    send(scene, "950", "clear")
    scene.problem(SW2, DISK, late_s=5, source_system="zabbix", source_alert_id="950", has_problem_id=True)
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED]


def test_a_repeat_updates_device_type_and_resource() -> None:
    """Device, type and resource are shown as the sender now names them."""
    scene = Scene()
    send(scene, "950")
    scene.wait(5)
    send(scene, "950", device_ip=SW2, alert_type="storage_volume_full", resource="trigger=9")
    (alert,) = rows(scene)
    assert (alert.device_ip, alert.alert_type, alert.resource) == (SW2, "storage_volume_full", "trigger=9")
    assert alert.occurrence_count == 2
    (moved,) = [row for row in scene.history(alert) if row.rule == "fold.moved"]
    assert moved.changes["device_ip"] == [SW1, SW2]
    assert moved.changes["alert_type"] == [DISK, "storage_volume_full"]


def test_a_repeat_that_moved_is_seen_in_the_midst_of_repeats() -> None:
    """A batch of repeats is counted at once, but not past a change of the device."""
    scene = Scene()
    ours = {"source_alert_id": "950", "has_problem_id": True, "at": scene.now}
    scene.send(*(report(ip, **ours) for ip in (SW1, SW1, SW2, SW2)))  # type: ignore[arg-type]
    (alert,) = rows(scene)
    assert (alert.device_ip, alert.occurrence_count) == (SW2, 4)


def test_ids_survive_a_restart() -> None:
    """The recovery after a restart still ends the problem, whose device has another name by then."""
    scene = Scene()
    send(scene, "950")
    scene.restart()
    send(scene, "950", "clear", SW2)
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED]


def test_long_and_odd_ids_are_kept_apart() -> None:
    """Ids that do not fit the column or hold control characters still pair, each with its own."""
    scene = Scene()
    first, second = "x" * 300 + "1", "x" * 300 + "2"
    for each in (first, second, "a\0b", "a\\x00b"):
        send(scene, each)
    scene.restart()
    send(scene, second, "clear")
    send(scene, "a\0b", "clear")
    assert [alert.status for alert in rows(scene)] == [
        Status.ACTIVE,
        Status.RESOLVED,
        Status.RESOLVED,
        Status.ACTIVE,
    ]
    assert all(len(alert.source_alert_id) <= 255 for alert in rows(scene))


def test_two_connectors_may_use_the_same_id() -> None:
    """An id is unique within its connector only."""
    scene = Scene()
    send(scene, "1")
    send(scene, "1", source_system="zabbix-2")
    send(scene, "1", "clear", source_system="zabbix-2")
    assert [alert.status for alert in rows(scene)] == [Status.ACTIVE, Status.RESOLVED]


def test_the_same_fault_under_a_new_id_reopens_the_alert() -> None:
    """A trigger of Zabbix that fires again has a new event id; it is the same fault."""
    scene = Scene()
    send(scene, "950")
    scene.wait(5)
    send(scene, "950", "clear")
    scene.wait(5)
    send(scene, "951")
    (alert,) = rows(scene)
    assert (alert.status, alert.source_alert_id) == (Status.ACTIVE, "951")
    assert scene.story(alert)[-1] == "reopened"
    scene.wait(5)
    send(scene, "951", "clear")
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED]


def test_faults_of_ever_new_ids_flap() -> None:
    """Flapping is found though each occurrence has another id, and ends in the final state."""
    scene = Scene()
    for number in range(6):
        send(scene, f"{number}")
        scene.wait(5)
        send(scene, f"{number}", "clear")
        scene.wait(5)
    (alert,) = rows(scene)
    assert alert.flapping_since is not None
    assert [kind for kind, *_ in scene.notified()].count("flapping") == 1
    scene.restart()
    send(scene, "7")
    scene.wait(5)
    send(scene, "7", "clear")
    scene.wait(3600)
    (alert,) = rows(scene)
    assert alert.status is Status.RESOLVED


def test_a_throttled_rule_stays_quiet_over_new_ids() -> None:
    """The throttle of a rule goes by the fault, not by the sender's id of one occurrence."""
    scene = Scene(rules=[rule("noc", throttle_s=86_400)])
    for number in range(3):
        send(scene, f"{number}")
        scene.wait(5)
        send(scene, f"{number}", "clear")
        scene.wait(3600)
    assert [kind for kind, *_ in scene.notified()].count("problem") == 1


def test_a_report_without_id_means_the_only_equal_open_alert() -> None:
    """A script may end an alert of a sender with ids, as long as only one matches."""
    scene = Scene()
    send(scene, "950")
    send(scene, "", "clear", source_system="api")
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED]
    send(scene, "951")
    send(scene, "952")
    send(scene, "", "clear", source_system="api")
    assert [alert.status for alert in rows(scene)] == [Status.ACTIVE, Status.ACTIVE]


def test_repeats_before_a_report_without_id_in_one_batch_are_counted() -> None:
    """A clear without id ends the alert whose repeats are counted but not written yet."""
    scene = Scene()
    send(scene, "950")
    repeat = report(
        SW1,
        DISK,
        resource="trigger=150",
        at=scene.now,
        source_system="zabbix",
        source_alert_id="950",
        has_problem_id=True,
    )
    scene.send(repeat, repeat, report(SW1, DISK, "clear", "trigger=150", at=scene.now))
    assert [(row.status, row.occurrence_count) for row in rows(scene)] == [(Status.RESOLVED, 3)]


def test_a_report_with_id_folds_into_an_alert_without() -> None:
    """Two sources that report one fault have one alert, whether or not one gives ids."""
    scene = Scene()
    send(scene, "", source_system="traps")
    scene.wait(1)
    send(scene, "950")
    (alert,) = rows(scene)
    assert alert.occurrence_count == 2
    scene.wait(1)
    send(scene, "950", "clear")
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED]


def test_a_severity_raised_at_the_source_keeps_its_acknowledgement() -> None:
    """One message of Zabbix has a higher severity and an acknowledgement: it is sent and stays so."""
    scene = Scene()
    send(scene, "950")
    send(scene, "950", acknowledged_by="Anna")
    send(scene, "950", "critical", acknowledged_by="Anna")
    (alert,) = rows(scene)
    assert (alert.status, alert.acknowledged_by) == (Status.ACKNOWLEDGED, "Anna")
    assert scene.sent() == [f"problem {SW1}", f"worse {SW1}"]
    send(scene, "950", "critical")
    assert rows(scene)[0].status is Status.ACTIVE


def test_a_cut_follows_its_alert_to_another_device() -> None:
    """The dependents of the first device are sent, those of the right one are suppressed."""
    scene = Scene((*needs(ACCESS, CORE), *needs(SW2, SW1)), settle_time=0, grace_time=0)
    cut = {"alert_type": "network_unreachable", "resource": "", "is_cutting": True}
    send(scene, "1", "critical", CORE, **cut)
    scene.wait(1)
    scene.problem(ACCESS, "application_http_down")
    scene.problem(SW2, "application_http_down")
    assert scene.alert(ACCESS, "application_http_down").status is Status.SUPPRESSED
    assert scene.alert(SW2, "application_http_down").status is Status.ACTIVE
    scene.wait(1)
    send(scene, "1", "critical", SW1, **cut)
    assert scene.alert(ACCESS, "application_http_down").status is Status.ACTIVE
    assert scene.alert(SW2, "application_http_down").status is Status.SUPPRESSED


def test_an_alert_that_moves_is_looked_at_under_the_cause_of_its_new_device() -> None:
    """Moved behind a cut it is a consequence; moved away again it is none any more."""
    scene = Scene(needs(ACCESS, CORE), settle_time=0, grace_time=0)
    scene.problem(CORE, "network_unreachable", "critical")
    send(scene, "1", device_ip=SW1)
    send(scene, "1", device_ip=ACCESS)
    assert rows(scene)[1].status is Status.SUPPRESSED
    send(scene, "1", device_ip=SW2)
    assert rows(scene)[1].status is Status.ACTIVE


def test_the_inventory_moves_an_alert_and_its_id_stays() -> None:
    """A device that turns out to have another main address takes its alert along."""
    scene = Scene()
    send(scene, "950")
    send(scene, "951")
    known: Sequence[Device] = [device(SW2, "sw", addresses=(SW1,))]
    scene.reconfigure(devices=known)
    assert [alert.device_ip for alert in rows(scene)] == [SW2, SW2]
    send(scene, "950", "clear")
    assert [alert.status for alert in rows(scene)] == [Status.RESOLVED, Status.ACTIVE]


def test_an_alert_that_moves_below_its_consequence_waits_until_that_is_evaluated() -> None:
    """In a step without budget left a problem ends and is back behind its consequence: no circle."""
    behind = "192.0.2.12"
    scene = Scene([*needs(ACCESS, CORE), *needs(behind, ACCESS)], settle_time=0, grace_time=0)
    scene.engine._state.budget = 1

    def core(address: str, severity: str) -> NormalizedAlert:
        ids = {"source_system": "zabbix", "source_alert_id": "950", "has_problem_id": True}
        return report(address, severity=severity, at=scene.now, **ids)  # type: ignore[arg-type]

    scene.send(core(CORE, "major"))
    scene.problem(ACCESS)
    scene.wait(1)
    spends = report(ACCESS, "environment_temperature", at=scene.now)  # it begins under its cause
    scene.send(spends, core(CORE, "clear"), core(behind, "major"))
    assert scene.alert(behind).correlated_to_id is None
    for _ in range(5):
        scene.wait(1)
    assert scene.alert(behind).correlated_to_id == scene.alert(ACCESS).id
    assert scene.alert(ACCESS).status is Status.ACTIVE
