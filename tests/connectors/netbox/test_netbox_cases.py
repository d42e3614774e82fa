"""Golden cases: NetBox's lists, and the inventory that they must become; two files and no code.

A case is a folder with `input.json` (rows as the REST API gives them, by path below `/api/`), `expected.json`
(`devices`, `dependencies`, `not_listed`) and, where wanted, `case.yaml` (`description`, `config`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.netbox.assembly import assemble
from connectors.netbox.config import NetboxConfig
from connectors.netbox.dependencies.ranks import Ranking
from connectors.netbox.tables import Holdings, tables
from tests.fakes.netbox.estate import START

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_become_what_their_case_expects(case: Path) -> None:
    """Recorded rows become exactly the devices and dependencies that the case lists."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert outcome_of(case) == expected


def outcome_of(case: Path) -> Mapping[str, Any]:
    """Make the inventory of a case; JSON-ready."""
    given = case / "case.yaml"
    settings = yaml.safe_load(given.read_text(encoding="utf-8")).get("config", {}) if given.exists() else {}
    config = NetboxConfig.model_validate({"url": "https://netbox.example.net", "token": "x", **settings})
    rows = json.loads((case / "input.json").read_text(encoding="utf-8"))
    read = {}
    for name, table in tables(config.ifindex_field).items():
        parsed = ((row["id"], table.parse(row)) for row in rows.get(table.path, []))
        read[name] = {key: found for key, found in parsed if found is not None}
    found = assemble(Holdings(**read), Ranking(config.role_ranks), config.roots, START)
    document = {
        "devices": [asdict(device) for device in found.inventory.devices],
        "dependencies": [asdict(each) for each in found.inventory.dependencies],
        "not_listed": found.not_listed,
    }
    loaded: Mapping[str, Any] = json.loads(json.dumps(document))
    return loaded
