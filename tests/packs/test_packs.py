"""The shipped mapping packs, and their cases: traps as packets, and the alerts that are open after each.

A case file `cases/PACK.yaml` belongs to the pack `mibs/packs/PACK.yaml`. It holds a list of cases:

    - case: a power supply fails and is replaced
      steps:
        - trap: 1.3.6.1.4.1.2636.4.1.1                          # jnxPowerSupplyFailure
          varbinds: [1.3.6.1.4.1.2636.3.1.8.1.6.2.1.0.0 s PEM 0]  # OID, type, value as for snmptrap(1)
          open: [power_supply_failure major jnxContents=2.1.0.0]
        - trap: 1.3.6.1.4.1.2636.4.2.1                          # jnxPowerSupplyOK
          varbinds: [1.3.6.1.4.1.2636.3.1.8.1.6.2.1.0.0 s PEM 0]
          open: []

`open` lists every open alert after the trap: alert type, severity, resource. Optional: `version: 1` (the
device sends SNMPv1), `title` and `cutting` of the alert that the trap reports.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsconductor.app.configuring.loading import pack_mapping_of
from opsconductor.config.provision.packs import read_pack_files
from opsconductor.connector.interface import Source
from opsconductor.mib.expression import MISSING
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable
from opsconductor.shipped import shipped
from tests.support.engine.flow import source_of
from tests.support.engine.pipeline_scene import Scene
from tests.support.snmp.traps import DEVICE, packet

FILES = sorted((shipped("mibs") / "packs").glob("*.yaml"))
CASES = Path(__file__).parent / "cases"
Case = Mapping[str, Any]


def cases() -> Iterator[Any]:
    """Walk the cases of all packs."""
    for path in sorted(CASES.glob("*.yaml")):
        for case in cases_of(path):
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


@cache
def cases_of(path: Path) -> list[Case]:
    """Read the cases of one pack."""
    found: list[Case] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    return found


@cache
def mappings_of(pack: Path) -> tuple[OidMapping, ...]:
    """Read one pack."""
    return tuple(pack_mapping_of(item.row) for item in read_pack_files([pack]))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Build the trap listener with all packs in force."""
    folder = tmp_path_factory.mktemp("traps")
    return source_of(
        "snmp_trap",
        "traps",
        {},
        folder,
        mappings=MappingTable(row for pack in FILES for row in mappings_of(pack)),
    )


@pytest.mark.parametrize("case", list(cases()))
def test_a_case_of_a_pack(source: Source, case: Case) -> None:
    """After each trap of the case exactly the listed alerts are open."""
    scene = Scene()
    for step in case["steps"]:
        raw = RawEvent(connector="traps", payload=packet(step), received_at=scene.now, peer=DEVICE)
        reports = source.normalize(raw)
        assert isinstance(reports, tuple)
        scene.send(*reports)
        assert [shown(alert) for alert in open_alerts(scene)] == sorted(step["open"]), step
        assert step.get("title") in (None, reports[0].title.format(device_name=DEVICE))
        assert step.get("cutting") in (None, reports[0].is_cutting)
        assert all(MISSING not in report.resource for report in reports), step
        scene.wait(1)


def open_alerts(scene: Scene) -> list[Alert]:
    """List the open alerts in the order of their shown text."""
    return sorted((alert for alert in scene.rows() if alert.status.is_open), key=shown)


def shown(alert: Alert) -> str:
    """Write an alert as case files do."""
    return f"{alert.alert_type} {alert.severity} {alert.resource}".rstrip()


@pytest.mark.parametrize("pack", FILES, ids=lambda path: path.stem)
def test_every_clear_of_a_pack_ends_an_alert_in_a_case(pack: Path) -> None:
    """Each trap that clears something does so in a case, and each problem with a clear is raised in one."""
    raised, ended = set(), set()
    for case in cases_of(CASES / pack.name):
        before = 0
        for step in case["steps"]:
            (ended if len(step["open"]) < before else raised).add(step["trap"])
            before = len(step["open"])
    unshown = [
        (mapping.oid_pattern, mapping.mib_object)
        for mapping in mappings_of(pack)
        if (ends(mapping) and mapping.oid_pattern not in ended)
        or (is_paired(mapping) and not mapping.is_clear_event and mapping.oid_pattern not in raised)
    ]
    assert unshown == []


def skeleton(mapping: OidMapping) -> str:
    """Return the resource of a mapping without the variables that fill it."""
    return re.sub(r"\{[^{}]*\}", "", mapping.resource_expression)


def ends(mapping: OidMapping) -> bool:
    """Return True for a mapping that clears, always or by a state."""
    by_state = mapping.severity_map.values.values() if mapping.severity_map else ()
    by_case = (case.mapping.default_severity for case in mapping.cases)
    return mapping.is_clear_event or Severity.CLEAR in {*by_state, *by_case}


def is_paired(mapping: OidMapping) -> bool:
    """Return True for a mapping that raises what a clear ends, or clears."""
    return ends(mapping) or mapping.clear_oid_pattern is not None


@pytest.mark.parametrize("pack", FILES, ids=lambda path: path.stem)
def test_the_mappings_of_a_pack_are_whole(pack: Path) -> None:
    """Each names its MIB; its type follows its category; a problem without a clear expires by itself.

    Rows without `mib_object` are alarms that traps about an alarm table name; those have a clear.
    """
    rules = {
        "mib": lambda row: row.mib_name,
        "category": lambda row: row.alert_type.startswith(f"{row.category}_"),
        "vendor": lambda row: row.vendor == vendor_of_oid(row.oid_pattern),
        "clear": lambda row: (row.default_severity is Severity.CLEAR) == row.is_clear_event,
        "lasting": lambda row: is_paired(row) or row.expires_after or not row.mib_object,
    }
    faults = [
        (row.oid_pattern, row.mib_object, name)
        for row in mappings_of(pack)
        for name, is_right in rules.items()
        if not is_right(row)
    ]
    assert faults == []


@pytest.mark.parametrize("pack", FILES, ids=lambda path: path.stem)
def test_paired_mappings_have_one_identity(pack: Path) -> None:
    """The resources of a problem and its clear are equal; a clear belongs to some problem.

    They may take it from different variables.
    """
    by_oid = {row.oid_pattern: row for row in mappings_of(pack)}
    problems = [row for row in by_oid.values() if not row.is_clear_event]
    faults = []
    for row in problems:
        clear = by_oid.get(row.clear_oid_pattern or row.oid_pattern)
        if clear is None or skeleton(clear) not in ("", skeleton(row)):
            faults.append((row.oid_pattern, row.mib_object, row.clear_oid_pattern))
    types = {row.alert_type for row in problems}
    faults += [
        (row.oid_pattern, row.mib_object, None) for row in by_oid.values() if row.alert_type not in types
    ]
    assert faults == []
