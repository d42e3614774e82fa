"""Reports more severe than all that a storm withholds pass, within a reserve that no flood can exceed."""

from opsconductor.config.settings import StormSettings
from opsconductor.flood.reserves import AlertKind, Reserve
from opsconductor.limits import Rate
from opsconductor.model.enums import Severity
from tests.support.engine.pipeline_scene import device, report, seconds
from tests.support.engine.storm_scene import HOST, StormScene

SMALL = {"sender_per_s": 10, "sender_burst": 1_000}
ROUTER = "10.1.2.3"
CRITICAL_FAN = AlertKind(Severity.CRITICAL, "environment_fan_failed")
CRITICAL_LINK = AlertKind(Severity.CRITICAL, "network_link_down")


def fan(scene: StormScene, number: int = 0, severity: str = "critical", address: str = ROUTER) -> None:
    """Report that a fan has failed."""
    scene.send(report(address, "environment_fan_failed", severity, f"fan={number}", at=scene.now))


def types(scene: StormScene) -> dict[str, int]:
    """Count the alerts by type."""
    found: dict[str, int] = {}
    for row in scene.rows():
        found[row.alert_type] = found.get(row.alert_type, 0) + 1
    return found


def test_a_critical_passes_the_storm_of_its_own_device() -> None:
    """After 7,500 link-downs, with the default budgets and in a batch of its own."""
    scene = StormScene()
    scene.flood(ROUTER, 7_500)
    fan(scene)
    assert scene.alert(ROUTER, "environment_fan_failed", "fan=0").severity is Severity.CRITICAL
    assert types(scene)["network_link_down"] == StormSettings().sender_burst


def test_a_critical_passes_in_the_batch_in_which_the_storm_begins() -> None:
    """At any position among the link-downs."""
    scene = StormScene(**SMALL)
    flood = scene.ports(ROUTER, 3_000)
    critical = report(ROUTER, "environment_fan_failed", "critical", at=scene.now)
    scene.send(*flood[:2_000], critical, *flood[2_000:])
    assert types(scene) == {"network_link_down": 1_000, "environment_fan_failed": 1, "network_trap_storm": 1}


def test_a_critical_passes_a_storm_of_criticals_of_another_type() -> None:
    """A quarter of the reserve is the most that one type gets: the rest is there for others."""
    scene = StormScene(**SMALL)
    scene.flood(ROUTER, 3_000, severity="critical")
    fan(scene)
    assert types(scene) == {"network_link_down": 1_005, "environment_fan_failed": 1, "network_trap_storm": 1}


def test_majors_use_up_nothing_that_a_critical_needs() -> None:
    """Each severity has a reserve of its own."""
    scene = StormScene(**SMALL)
    scene.flood(ROUTER, 2_000, severity="minor")
    for number in range(50):
        fan(scene, number, "major")
    for number in range(50, 100):
        fan(scene, number, "critical")
    fans = [row.severity for row in scene.rows() if row.alert_type == "environment_fan_failed"]
    assert fans == [Severity.MAJOR] * 5 + [Severity.CRITICAL] * 5


def test_an_open_alert_that_becomes_critical_passes() -> None:
    """A change of severity beyond the budget is held back, a change to critical is not."""
    scene = StormScene(**SMALL)
    scene.flood(ROUTER, 60)
    for _ in range(20):
        both = [scene.ports(ROUTER, 60, severity=severity) for severity in ("major", "minor")]
        scene.send(*(both[0] + both[1]) * 2)
    assert scene.summarized.total() > 0
    scene.send(*scene.ports(ROUTER, 1, severity="critical"))
    assert scene.alert(ROUTER, resource="ifIndex=0").severity is Severity.CRITICAL


def test_repeats_of_a_passed_report_are_counted_in_it() -> None:
    """Also in the same batch: only the first takes from the reserve."""
    scene = StormScene(**SMALL)
    critical = report(ROUTER, "environment_fan_failed", "critical", at=scene.now)
    scene.send(*scene.ports(ROUTER, 2_000), *[critical] * 100)
    assert scene.alert(ROUTER, "environment_fan_failed").occurrence_count == 100
    assert scene.summarized.total() == 1_000


def test_a_storm_alert_has_the_severity_and_types_of_withheld_reports() -> None:
    """The worst first; its severity is never below major."""
    scene = StormScene(**SMALL)
    scene.flood(ROUTER, 2_000, severity="minor")
    assert scene.alert(ROUTER, "network_trap_storm").severity is Severity.MAJOR
    for number in range(9):
        fan(scene, number)
    storm = scene.alert(ROUTER, "network_trap_storm")
    assert storm.severity is Severity.CRITICAL
    assert storm.message.endswith(
        "are counted only here: 4 critical environment_fan_failed, 1,000 minor network_link_down."
    )


def test_the_types_in_a_storm_alert_are_bounded() -> None:
    """However many alert types are invented, their number stays the same and so does the text."""
    scene = StormScene(**SMALL)
    scene.flood(ROUTER, 1_000)
    for turn in range(3):
        scene.send(
            *(
                report(ROUTER, f"network_invented_{number}", "critical", at=scene.now)
                for number in range(1_000 * turn, 1_000 * turn + 1_000)
            )
        )
    (storm,) = scene.budget._storms
    assert len(storm.held) <= 201
    assert sum(storm.held.values()) == storm.withheld == 3_000 - 20
    assert len(storm.text(scene.now.timestamp())) < 1_000
    fan(scene)
    assert types(scene).get("environment_fan_failed") is None, "the reserve is spent"


def test_in_a_global_storm_a_critical_passes_and_known_devices_keep_their_reserve() -> None:
    """Two reserves: one for devices of the inventory, one for all others."""
    scene = StormScene([device("10.0.0.9", "core")], new_alerts_burst=1_000, new_alerts_per_s=10)
    for number in range(40):
        scene.flood("10.0.0.9", 1_000, first=1_000 * number)
        scene.flood(f"172.16.0.{number}", 200, severity="critical")
    fan(scene, address="10.0.0.9")
    assert scene.alert("10.0.0.9", "environment_fan_failed", "fan=0").severity is Severity.CRITICAL
    assert scene.alert(None, "application_alert_storm").device_name == HOST


def test_a_flood_of_criticals_takes_no_more_memory_than_the_reserve() -> None:
    """Whatever its addresses and types are."""
    scene = StormScene(most_alerts=1_000, sender_burst=100, new_alerts_burst=5_000)
    for turn in range(50):
        scene.now += seconds(1)
        scene.send(
            *(
                report(f"172.16.{turn}.{number % 200}", f"network_{number}", severity, at=scene.now)
                for number in range(400)
                for severity in ("minor", "critical")
            )
        )
    storms = sum(row.source_system == "opsconductor" for row in scene.rows())
    assert scene.engine.held - storms <= 1_020


def test_a_reserve_gives_a_quarter_to_one_type_and_refills() -> None:
    """2 % of the budget at once, and of its rate afterwards."""
    reserve = Reserve(Rate(per_s=100, burst=1_000))
    passed = {CRITICAL_LINK: 0, CRITICAL_FAN: 0}
    for kind in passed:
        while reserve.allows(kind, 0.0):
            reserve.take(kind)
            passed[kind] += 1
    assert passed == {CRITICAL_LINK: 5, CRITICAL_FAN: 5}
    assert reserve.allows(CRITICAL_LINK, 2.0)
