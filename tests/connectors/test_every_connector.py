"""Every connector has what the guide asks for: those of this repository and installed ones.

The folders below `connectors/` and the entry points are walked, so none needs a test of its own.
"""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

import connectors
from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.app.connectors.types import ENTRY_POINTS
from opsconductor.connector.checking.cases import cases_in
from opsconductor.connector.package import file_faults, package_faults, sample_faults, secret_faults

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in Path(connectors.__file__).parent.glob("*/__init__.py"))
TYPES = {**SOURCES, **CHANNELS, **INVENTORIES}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_connector_of_this_repository_is_listed(folder: Path) -> None:
    """Its type has the name of its folder and is in the list that the daemon reads."""
    assert folder.name in TYPES, f"add {folder.name}.TYPE to connectors/__init__.py"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_connector_of_this_repository_has_its_files_and_a_right_sample(folder: Path) -> None:
    """Configuration without plain secrets, README, and a sample that passes the checks of its type."""
    known = TYPES[folder.name]
    faults = [*file_faults(folder), *secret_faults(known), *sample_faults(folder, known)]
    assert faults == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_brings_something_in_has_golden_cases(folder: Path) -> None:
    """In its own folder or below tests/connectors; `test_golden_cases.py` runs them."""
    if folder.name not in CHANNELS:
        assert [*(HERE / folder.name / "cases").glob("*/*"), *cases_in(folder)]


def test_third_party_connectors_conform() -> None:
    """Type, files, sample and the cases in its package are right, for every installed package."""
    faults = [fault for entry in entry_points(group=ENTRY_POINTS) for fault in package_faults(entry.value)]
    assert not faults, "\n".join(faults)
