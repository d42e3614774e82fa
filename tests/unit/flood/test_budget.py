"""Flood budgets: the load that a device, and all together, may cause, and the alerts about storms."""

from opsconductor.ledger.ledger import Key
from opsconductor.model.enums import Severity, Status
from tests.support.engine.pipeline_scene import device, report, seconds
from tests.support.engine.storm_scene import HOST, StormScene

SMALL = {"sender_per_s": 10, "sender_burst": 100}


def test_a_failing_core_router_loses_no_report() -> None:
    """10,000 distinct problems of 500 devices within ten seconds all become alerts, by default."""
    scene = StormScene()
    for turn in range(10):
        scene.now += seconds(1)
        scene.send(
            *(
                problem
                for number in range(500)
                for problem in scene.ports(f"10.0.{number >> 8}.{number & 255}", 2, first=2 * turn)
            )
        )
    assert len(scene.rows()) == 10_000
    assert scene.storms() == {}


def test_the_first_of_a_storm_pass_and_the_rest_is_counted_in_one_alert() -> None:
    """The alert has the device, the amounts and the types; no report is lost from the counts."""
    scene = StormScene(**SMALL)
    for _ in range(60):
        scene.flood("10.1.2.3", 200)
        scene.now += seconds(1)
    storm = scene.alert("10.1.2.3", "network_trap_storm")
    assert (storm.severity, storm.title) == (Severity.MAJOR, "Message Storm - 10.1.2.3")
    assert scene.counted() == 60 * 200
    ports = [row for row in scene.rows() if row.alert_type == "network_link_down"]
    assert len(ports) == 200  # a hundred at once, then ten a second; the others repeat and pass
    assert scene.summarized == {Key("traps", "summarized", "device_budget"): storm.occurrence_count}
    (message,) = scene.storms().values()
    assert message.startswith(
        "10.1.2.3 sent 11,800 messages in 60 s, mostly network_link_down on 200 resources."
    )
    assert "reports of problems beyond 100 at once or 10 a second are counted only here" in message


def test_a_port_that_repeats_for_ever_does_not_hide_that_a_fan_fails() -> None:
    """Repeats of an open alert are no transition: they use up nothing that new problems need."""
    scene = StormScene(**SMALL)
    port = report("10.1.2.3", resource="ifIndex=7", at=scene.now)
    for _ in range(20):
        scene.send(*[port] * 1_000)
    scene.send(*[port] * 1_000, report("10.1.2.3", "environment_fan_failed", at=scene.now), *[port] * 1_000)
    assert scene.alert("10.1.2.3", "environment_fan_failed").status is Status.ACTIVE
    assert scene.alert("10.1.2.3", resource="ifIndex=7").occurrence_count == 22_000
    assert scene.summarized == {}
    ((kind, message),) = scene.storms().items()
    assert kind == ("network_trap_storm", "10.1.2.3")
    assert message.startswith("10.1.2.3 sent 22,001 messages in 1 s, mostly network_link_down on ")


def test_a_storm_of_repeats_alone_is_a_warning() -> None:
    """It hides nothing and is only reported."""
    scene = StormScene(**SMALL)
    scene.send(*[report("10.1.2.3", at=scene.now)] * 500)
    (storm,) = scene.budget.storms(scene.now)
    assert (storm.severity, storm.category, storm.source_system) == (
        Severity.WARNING,
        "network",
        "opsconductor",
    )


def test_clears_always_pass() -> None:
    """However far beyond its budget a device is, its clears are processed."""
    scene = StormScene(**SMALL)
    scene.flood("10.1.2.3", 1_000)
    scene.flood("10.1.2.3", 1_000, severity="clear")
    assert [row.status for row in scene.rows() if row.status is not Status.RESOLVED] == [Status.ACTIVE]
    assert scene.alert("10.1.2.3", "network_trap_storm").status is Status.ACTIVE


def test_other_devices_are_untouched_by_a_flood() -> None:
    """In the same batch, with new problems."""
    scene = StormScene(**SMALL)
    flood = scene.ports("10.1.2.3", 5_000)
    scene.send(*flood[:2_500], *scene.ports("10.0.0.9", 50), *flood[2_500:])
    assert sum(row.device_ip == "10.0.0.9" for row in scene.rows()) == 50


def test_oscillating_severities_write_bounded_history() -> None:
    """A change of severity is a transition; beyond the budget it only counts."""
    scene = StormScene(**SMALL)
    for _ in range(200):
        both = [scene.ports("10.1.2.3", 60, severity=severity) for severity in ("major", "minor")]
        scene.send(*(both[0] + both[1]) * 2)
        scene.now += seconds(0.1)
    entries = sum(len(changes.history) for changes in scene.changes)
    assert entries < 60 * 4 + 100 + 20 * 10 + 60, "one batch unnoticed, a burst, the rate, the end"
    assert scene.counted() == 200 * 240
    assert scene.summarized.total() > 20_000


def test_when_all_together_exceed_the_budget_quiet_devices_pass() -> None:
    """Invented addresses are bounded by the budget of all; a device with one problem is reported."""
    scene = StormScene(new_alerts_burst=100, new_alerts_per_s=10)
    floods = [problem for number in range(9) for problem in scene.ports(f"10.9.0.{number}", 100)]
    scene.send(*floods, *scene.ports("10.0.0.9", 1))
    assert scene.alert("10.0.0.9", resource="ifIndex=0").status is Status.ACTIVE
    assert sum(row.alert_type == "network_link_down" for row in scene.rows()) == 100
    ((kind, message),) = scene.storms().items()
    assert kind == ("application_alert_storm", HOST)
    assert message.startswith(
        "801 reports of problems beyond the limit were received in 1 s from 9 devices, "
        "mostly network_link_down"
    )
    assert scene.counted() == 901
    assert scene.summarized == {Key("traps", "summarized", "all_budget"): 801}


def test_devices_of_the_inventory_have_a_budget_of_their_own() -> None:
    """A flood of invented addresses takes nothing from them, nor the last quarter of memory."""
    known = device("10.0.0.1", "core")
    scene = StormScene([known], most_alerts=1_000, new_alerts_burst=5_000, sender_burst=5_000)
    for number in range(20):
        scene.flood(f"172.16.0.{number}", 100)
    assert scene.engine.held == 751
    scene.flood("10.0.0.1", 300)
    assert scene.engine.held == 1_000
    assert scene.counted() == 2_300
    assert set(scene.storms()) == {("application_alert_storm", HOST)}


def test_memory_is_bounded_also_by_what_was_closed_a_short_while_ago() -> None:
    """Problems that come and go at once stay in memory for the reopen window."""
    scene = StormScene(most_alerts=1_000)
    for turn in range(5):
        scene.flood("10.0.0.1", 500, first=500 * turn)
        scene.flood("10.0.0.1", 500, first=500 * turn, severity="clear")
    assert scene.engine.held == 1_001


def test_a_storm_is_over_when_its_device_was_quiet_for_long_enough() -> None:
    """And begins anew with the next excess."""
    scene = StormScene(**SMALL, quiet_time="30s")
    scene.flood("10.1.2.3", 200)
    scene.now += seconds(30)
    assert len(scene.storms()) == 1
    scene.now += seconds(1)
    assert scene.storms() == {}
    scene.flood("10.1.2.3", 200, first=1_000)
    assert len(scene.storms()) == 1


def test_devices_without_address_have_budgets_by_name() -> None:
    """A sensor that floods under its name does not spend the budget of another."""
    scene = StormScene(**SMALL)
    names = ["door"] * 300 + ["window"]
    scene.send(
        *(
            report(None, resource=f"n={number}", device_name=name, at=scene.now)
            for number, name in enumerate(names)
        )
    )
    assert sum(row.device_name == "window" for row in scene.rows()) == 1
    assert set(scene.storms()) == {("network_trap_storm", "door")}


def test_storms_beyond_the_limit_share_one_alert() -> None:
    """Memory for storms is bounded, too; the counts still add up."""
    scene = StormScene(sender_burst=1, sender_per_s=1)
    for number in range(600):
        scene.flood(f"10.0.{number >> 8}.{number & 255}", 3)
    storms = scene.storms()
    assert len(storms) == 501
    assert ("application_alert_storm", HOST) in storms
    assert scene.counted() == 1_800
