"""Packets of the real `snmptrap`, and the alerts that they must become.

A case is a folder in `cases`: `input.hex` (the datagram), `expected.json`, and, where the defaults
do not do, `case.yaml` (`description`, `peer`, `vendor`, `trusted_forwarders`, `mappings`).
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.snmp_trap.normalize import normalize
from opsconductor.connector.checking.cases import as_json
from opsconductor.errors import DecodeError
from opsconductor.mib.lookup import standard_facts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.mib.resolving import resolved
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("cases/*/input.hex"))
RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_packet_becomes_what_its_case_expects(case: Path) -> None:
    """A real packet becomes exactly the alerts, or the counted reason, that its case lists."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert outcome_of(case) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_secret_in_what_is_kept(case: Path) -> None:
    """Neither the message's community nor one that a proxy adds is shown or stored."""
    shown = repr(outcome_of(case))
    assert "public" not in shown
    assert "topsecret" not in shown


def outcome_of(case: Path) -> object:
    """Normalize the packet of a case; JSON-ready."""
    given = yaml.safe_load(path.read_text(encoding="utf-8")) if (path := case / "case.yaml").exists() else {}
    generic = yaml.safe_load((HERE / "generic.yaml").read_text(encoding="utf-8"))
    raw = RawEvent(
        connector="traps",
        payload=bytes.fromhex((case / "input.hex").read_text(encoding="ascii")),
        received_at=RECEIVED_AT,
        peer=given.get("peer", "192.0.2.1"),
    )
    try:
        alerts = normalize(
            raw,
            mappings=MappingTable(declared(row) for row in [*generic, *given.get("mappings", [])]),
            vendor_of=lambda _: given.get("vendor"),
            is_forwarder=lambda address: address in given.get("trusted_forwarders", []),
            facts=standard_facts(),
        )
    except DecodeError as error:
        return {"undecodable": error.reason}
    assert {alert.occurred_at for alert in alerts} == {RECEIVED_AT}
    return [as_json(alert) for alert in alerts]


def declared(row: dict[str, Any]) -> OidMapping:
    """Build a mapping from its provisioning form."""
    return resolved(mapping_of({"expires_after_s": None, "severity_map": None, **row}), standard_facts())
