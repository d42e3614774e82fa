"""Every golden case of every source of this repository: two files and no code.

The form of a case is described in `opsconductor/connector/checking/cases.py`. Cases are below
`tests/connectors/NAME` or in the folder of the connector itself.
"""

import json
from pathlib import Path

import pytest

import connectors
from connectors import SOURCES
from opsconductor.connector.checking.cases import cases_in, outcome_of

HERE = Path(__file__).parent
OF_THEIR_OWN = frozenset({"netbox", "snmp_trap"})
"""Connectors whose cases have a form of their own, and a test beside them."""
CASES = [
    case
    for folder in sorted([*HERE.iterdir(), *Path(connectors.__file__).parent.iterdir()])
    if folder.name not in OF_THEIR_OWN
    for case in cases_in(folder)
]


def name_of(case: Path) -> str:
    """Name a case by its connector and its folder."""
    return f"{case.parts[-3]}/{case.name}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_input_becomes_what_its_case_expects(case: Path, tmp_path: Path) -> None:
    """A recorded input becomes exactly the alerts, the snapshot or the reason that its case lists."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert outcome_of(SOURCES[case.parts[-3]], case, tmp_path) == expected
