"""Every golden case of every connector: two files and no code.

A case is a folder `CONNECTOR/cases/CASE` with `input.*` (the payload of the raw event, as the connector's
`run` or `receive` hands it on), `expected.json` and, where the defaults do not do, `case.yaml`
(`description`, `config`, `peer`, `local`). `CONNECTOR/default.yaml` holds a `config` for all its cases.

`expected.json` is a list of alerts; `{"scope": ..., "alerts": [...]}` for a snapshot; or
`{"invalid": REASON}` for what is counted instead.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import SOURCES
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.event import RawEvent
from opsconductor.model.mapping_table import MappingTable
from opsconductor.model.normalized import Snapshot
from opsconductor.model.times import bounded
from tests.support.golden import RECEIVED_AT, as_json

HERE = Path(__file__).parent
OF_THEIR_OWN = frozenset({"netbox", "snmp_trap"})
"""Connectors whose cases have a form of their own, and a test beside them."""
CASES = sorted(path.parent for path in HERE.glob("*/cases/*/input.*") if path.parts[-4] not in OF_THEIR_OWN)


def name_of(case: Path) -> str:
    """Name a case by its connector and its folder."""
    return f"{case.parts[-3]}/{case.name}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_input_becomes_what_its_case_expects(case: Path, tmp_path: Path) -> None:
    """A recorded input becomes exactly the alerts, the snapshot or the reason that its case lists."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert outcome_of(case, tmp_path) == expected


def outcome_of(case: Path, data_dir: Path) -> object:
    """Normalize the input of a case; JSON-ready."""
    connector_type = SOURCES[case.parts[-3]]
    given = {**read(case.parents[1] / "default.yaml"), **read(case / "case.yaml")}
    context = ConnectorContext(
        name=connector_type.name,
        data_dir=data_dir,
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
    )
    source = connector_type.build(connector_type.config.model_validate(given.get("config", {})), context)
    (payload,) = case.glob("input.*")
    raw = RawEvent(
        connector=connector_type.name,
        payload=payload.read_bytes(),
        received_at=RECEIVED_AT,
        peer=given.get("peer", ""),
        local=given.get("local", ""),
    )
    try:
        said = bounded(source.normalize(raw), RECEIVED_AT)
    except (DecodeError, NormalizeError) as error:
        return {"invalid": error.reason}
    if isinstance(said, Snapshot):
        return {"scope": said.scope, "alerts": [as_json(alert) for alert in said.alerts]}
    return [as_json(alert) for alert in said]


def read(path: Path) -> Mapping[str, Any]:
    """Read a YAML file that need not be there."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}
