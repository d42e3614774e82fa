"""Traps and polls of one UPS: one alert, whichever comes first."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from connectors.eaton.alarms import ALARMS
from connectors.eaton.cells import EPDU_CELLS
from connectors.eaton.problems import PROBLEMS
from connectors.snmp_trap.normalize import normalize as normalize_trap
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.mib.lookup import standard_facts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.enums import Severity, Status
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.notice import SenderV1, SenderV2c, SnmpNotice
from tests.support.connectors.eaton_poll import UPS_IP, Stage, on_battery, poll
from tests.support.connectors.eaton_ups import XUPS
from tests.support.engine.pipeline_scene import START
from tests.support.snmp.snmp_agent import Typed, integer, oid, text

PACK = Path(__file__).parents[3] / "mibs" / "packs" / "eaton.yaml"
TRAPS = f"{XUPS}.11.4.1.0"
UPS = "1.3.6.1.2.1.33"
EPDU = "1.3.6.1.4.1.534.6.6.7"

ALARM_OF_TRAP = {
    **{number: number for number in (3, 4, *range(7, 17), 20, *range(23, 30), 51)},
    **{number: number - 2 for number in range(32, 44)},
    **{number: number - 4 for number in range(46, 49)},
}
"""Number of the well-known alarm by that of the trap: XUPS-MIB counts them differently."""


@pytest.fixture(scope="module")
def mappings() -> MappingTable:
    """Read the mapping pack as `opsconductor apply` would."""
    provision = read_provision([PACK], installed_types())
    assert {item.table for item in provision.items} == {ProvisionTable.OID_MAPPINGS}
    rows = [{key: value for key, value in item.row.items() if key != "notes"} for item in provision.items]
    return MappingTable(mapping_of(row) for row in rows)


def trap(
    mappings: MappingTable, trap_oid: str, varbinds: Mapping[str, Typed] | None = None, *, version: int = 1
) -> NormalizedAlert:
    """Receive a trap as the listener does; a UPS sends its own as v1."""
    found: list[Varbind] = [(name, *typed) for name, typed in (varbinds or {}).items()]
    notice = SnmpNotice(trap_oid=trap_oid, uptime=10_000, varbinds=found)
    sender = (
        SenderV1(community=b"public", agent=IPv4Address(UPS_IP))
        if version == 1
        else SenderV2c(community=b"p")
    )
    raw = RawEvent(connector="traps", payload=sender.trap(notice), received_at=START, peer=UPS_IP)
    (alert,) = normalize_trap(
        raw, mappings=mappings, vendor_of=lambda _: None, is_forwarder=lambda _: False, facts=standard_facts()
    )
    return alert


def alarm_varbinds(alarm: str, root: str = f"{XUPS}.7.2.1") -> Mapping[str, Typed]:
    """Write the variables of a trap about an alarm."""
    return {f"{root}.1.7": integer(7), f"{root}.2.7": oid(alarm), f"{XUPS}.11.3.0": text("something")}


def fingerprint(alert: NormalizedAlert) -> str:
    """Find the identity of an alert."""
    (identified,) = identify([alert], InventorySnapshot([], []))
    return identified.fingerprint


def same(one: NormalizedAlert, other: NormalizedAlert) -> bool:
    """Return whether two reports are one alert with the same content."""
    reported = [
        (fingerprint(each), each.severity, each.category, each.is_cutting, each.title)
        for each in (one, other)
    ]
    return reported[0] == reported[1]


@pytest.mark.parametrize(("number", "alarm"), ALARM_OF_TRAP.items())
def test_a_trap_and_a_poll_are_one_alert(mappings: MappingTable, number: int, alarm: int) -> None:
    """Every trap about a well-known alarm is the alert that the alarm table makes, word for word."""
    (polled,) = poll(f"{XUPS}.7.{alarm}").alerts
    for version in (1, 2):
        trapped = trap(mappings, f"{TRAPS}.{number}", alarm_varbinds(f"{XUPS}.7.{alarm}"), version=version)
        assert same(trapped, polled)


def test_no_alarm_is_left_without_a_trap() -> None:
    """The table above covers every well-known alarm of Eaton's."""
    assert {f"{XUPS}.7.{alarm}" for alarm in ALARM_OF_TRAP.values()} == {
        alarm for alarm in ALARMS if alarm.startswith(XUPS)
    }


@pytest.mark.parametrize("prefix", [f"{UPS}.2", f"{UPS}.2.0"])
@pytest.mark.parametrize(("on_battery_s", "expected"), [(0, "warning"), (239, "warning"), (240, "major")])
def test_the_standard_trap_on_battery_is_the_same_alert(
    mappings: MappingTable, prefix: str, on_battery_s: int, expected: str
) -> None:
    """RFC 1628's trap comes every minute with its duration; both spellings of its OID are known."""
    seconds = {f"{UPS}.1.2.2.0": integer(on_battery_s)}
    trapped = trap(mappings, f"{prefix}.1", seconds, version=2)
    (polled,) = poll(f"{UPS}.1.6.3.2", mib="UPS-MIB").alerts
    assert fingerprint(trapped) == fingerprint(polled)
    assert (trapped.severity, trapped.is_cutting) == (expected, polled.is_cutting)
    assert trapped.expires_after == timedelta(minutes=5)
    (of_eaton,) = poll(f"{XUPS}.7.3").alerts
    assert fingerprint(of_eaton) == fingerprint(polled)


@pytest.mark.parametrize(
    ("raised", "cleared"),
    [(1, 2), (3, 5), (4, 6), (11, 17), (48, 17), (25, 45), (26, 49), (50, 49), (50, 44)],
)
def test_clearing_traps_end_the_problem(mappings: MappingTable, raised: int, cleared: int) -> None:
    """A trap about an end names the same alert as the one that raised it."""
    problem = trap(mappings, f"{TRAPS}.{raised}")
    raw = SenderV2c(community=b"p").trap(SnmpNotice(trap_oid=f"{TRAPS}.{cleared}", uptime=1))
    clears = normalize_trap(
        RawEvent(connector="traps", payload=raw, received_at=START, peer=UPS_IP),
        mappings=mappings,
        facts=standard_facts(),
        vendor_of=lambda _: None,
        is_forwarder=lambda _: False,
    )
    assert fingerprint(problem) in {fingerprint(clear) for clear in clears}
    assert all(clear.is_clear for clear in clears)


@pytest.mark.parametrize(
    ("raised", "cleared", "varbinds", "resource"),
    [
        (30, 31, {f"{XUPS}.6.8.1.1.2": integer(2)}, "contact=2"),
        (21, 22, alarm_varbinds("1.3.6.1.4.1.99.1"), "alarm=1.3.6.1.4.1.99.1"),
    ],
)
def test_pairs_are_matched_by_what_they_are_about(
    mappings: MappingTable, raised: int, cleared: int, varbinds: Mapping[str, Typed], resource: str
) -> None:
    """Contact 2 that is inactive ends contact 2; an alarm that is removed ends that alarm."""
    problem = trap(mappings, f"{TRAPS}.{raised}", varbinds)
    clear = trap(mappings, f"{TRAPS}.{cleared}", varbinds)
    assert problem.resource == resource
    assert clear.is_clear
    assert fingerprint(clear) == fingerprint(problem)


def test_contacts_and_makers_alarms_meet_the_poll(mappings: MappingTable) -> None:
    """A noticed contact has no row in the alarm table, but the poll reads the contacts themselves."""
    cells = [{"name": "contact", "instance": "2", "state": "closedWithNotice", "value": "Water"}]
    (polled,) = poll(cells=cells).alerts
    trapped = trap(mappings, f"{TRAPS}.30", {f"{XUPS}.6.8.1.1.2": integer(2)})
    assert same(trapped, polled)
    (polled,) = poll("1.3.6.1.4.1.99.1").alerts
    assert same(trap(mappings, f"{TRAPS}.21", alarm_varbinds("1.3.6.1.4.1.99.1")), polled)
    added = trap(mappings, f"{UPS}.2.3", alarm_varbinds("1.3.6.1.4.1.99.1", f"{UPS}.1.6.2.1"))
    assert same(added, polled)


@pytest.mark.parametrize("alarm", [alarm for alarm in ALARMS if alarm.startswith(UPS)])
@pytest.mark.parametrize("prefix", [f"{UPS}.2", f"{UPS}.2.0"])
def test_a_trap_about_a_row_of_the_alarm_table_is_the_alarm_that_it_names(
    mappings: MappingTable, prefix: str, alarm: str
) -> None:
    """RFC 1628 has one trap for all alarms that come and one for all that go; they are the poll's alerts."""
    (polled,) = poll(alarm, mib="UPS-MIB").alerts
    varbinds = alarm_varbinds(alarm, f"{UPS}.1.6.2.1")
    assert same(trap(mappings, f"{prefix}.3", varbinds), polled)
    gone = trap(mappings, f"{prefix}.4", varbinds)
    assert gone.is_clear
    assert fingerprint(gone) == fingerprint(polled)


def test_eaton_reports_rows_too(mappings: MappingTable) -> None:
    """A cancelled test leaves the table by such a trap alone; a standard alarm comes by one."""
    (polled,) = poll(f"{XUPS}.7.28").alerts
    gone = trap(mappings, f"{TRAPS}.22", alarm_varbinds(f"{XUPS}.7.28"))
    assert gone.is_clear
    assert fingerprint(gone) == fingerprint(polled)
    (polled,) = poll(f"{UPS}.1.6.3.16").alerts
    assert same(trap(mappings, f"{TRAPS}.21", alarm_varbinds(f"{UPS}.1.6.3.16")), polled)


def test_no_wildcard_is_the_mapping_of_an_alarm() -> None:
    """A mapping of all traps of a vendor does not apply to one alarm."""
    whole = {"category": "power", "default_severity": "info", "title_template": "x", "severity_map": None}
    rows = [
        {**whole, "oid_pattern": f"{UPS}.*", "alert_type": "power_whatever", "expires_after_s": None},
        {**whole, "oid_pattern": f"{UPS}.2.3", "alert_type": "power_added", "expires_after_s": None},
    ]
    table = MappingTable(mapping_of(row) for row in rows)
    assert (
        trap(table, f"{UPS}.2.3", alarm_varbinds(f"{UPS}.1.6.3.1", f"{UPS}.1.6.2.1")).alert_type
        == "power_added"
    )


@pytest.mark.parametrize(
    ("number", "name", "instance"),
    [
        (11, "inputVoltage", "0.1.2"),
        (12, "inputCurrent", "0.1.2"),
        (13, "inputFrequency", "0.1"),
        (21, "groupVoltage", "0.3"),
        (22, "groupCurrent", "0.3"),
        (23, "groupBreaker", "0.3"),
        (41, "temperature", "0.1"),
        (42, "humidity", "0.1"),
        (51, "communication", "1"),
        (52, "internal", "1"),
    ],
)
def test_one_trap_of_a_pdu_raises_and_clears(
    mappings: MappingTable, number: int, name: str, instance: str
) -> None:
    """The state in the trap decides; raised, it is the alert that the poll makes."""
    cell = EPDU_CELLS[name]
    for value, word in cell.words.items():
        reported = trap(mappings, f"{EPDU}.0.{number}", {f"{cell.oid}.{instance}": integer(value)}, version=2)
        if word in cell.severities:
            cells = [{"name": name, "instance": instance, "state": word}]
            (polled,) = poll(mib="EATON-EPDU-MIB", cells=cells).alerts
            assert same(reported, polled)
        else:
            assert reported.is_clear
            assert (reported.alert_type, reported.resource) == (cell.alert_type, f"{name}={instance}")


def test_no_mapping_contradicts_the_problems() -> None:
    """Category and cutting of each mapped alert type are those of the poller."""
    pack_rows = [item.row for item in read_provision([PACK], installed_types()).items]
    known = [row for row in pack_rows if row["alert_type"] in PROBLEMS and not row["is_clear_event"]]
    assert len(known) > len(ALARM_OF_TRAP)
    for row in known:
        problem = PROBLEMS[row["alert_type"]]
        assert (row["category"], row["is_cutting"]) == (problem.category, problem.is_cutting)


def test_every_clear_that_a_mapping_names_is_mapped_to_the_same_problem() -> None:
    """In all pairs, those of transfer switches and gateways too, the clear names the problem's alert."""
    rows = {item.row["oid_pattern"]: item.row for item in read_provision([PACK], installed_types()).items}
    pairs = [(row, rows[row["clear_oid_pattern"]]) for row in rows.values() if row["clear_oid_pattern"]]
    assert len(pairs) > 25
    for problem, clear in pairs:
        assert clear["is_clear_event"]
        if clear["alert_type"] == problem["alert_type"]:
            assert clear["resource_expression"] in (problem["resource_expression"], "")


def test_trap_then_poll_then_end_is_one_alert(mappings: MappingTable) -> None:
    """The trap opens the alert, polls keep it, one without it resolves it: each is sent once."""
    stage = Stage()
    stage.send(trap(mappings, f"{TRAPS}.3"))
    stage.wait(30)
    stage.polled(**on_battery(30))
    stage.wait(300)
    stage.polled(**on_battery(330))
    alert = stage.alert(UPS_IP, "power_on_battery")
    assert (alert.severity, alert.snapshot_scope) == (Severity.MAJOR, "ups/192.0.2.10")
    stage.wait(60)
    stage.polled()
    assert stage.alert(UPS_IP, "power_on_battery").status is Status.RESOLVED
    assert stage.story(alert) == ["created", "escalated", "resolved"]
    assert len(stage.rows()) == 1
