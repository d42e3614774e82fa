"""Every connector has what the guide asks for; the folders are walked, so none needs a test of its own."""

from pathlib import Path

import pytest
import yaml

import connectors
from connectors import CHANNELS, INVENTORIES, SOURCES

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in Path(connectors.__file__).parent.glob("*/__init__.py"))
TYPES = {**SOURCES, **CHANNELS, **INVENTORIES}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_connector_has_its_files_and_is_listed(folder: Path) -> None:
    """A type by the name of its folder, a configuration, a README and a sample."""
    assert folder.name in TYPES
    for name in ("config.py", "README.md", "sample.yaml"):
        assert (folder / name).read_text(encoding="utf-8").strip(), name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_sample_is_a_configuration_of_its_type(folder: Path) -> None:
    """Every connector that it declares of this type passes the checks of its configuration."""
    sample = yaml.safe_load((folder / "sample.yaml").read_text(encoding="utf-8"))
    declared = [row for row in sample["connectors"] if row["type"] == folder.name]
    assert declared
    for row in declared:
        TYPES[folder.name].config.model_validate(row["config"])


@pytest.mark.parametrize("name", sorted([*SOURCES, *INVENTORIES]))
def test_what_brings_something_in_has_golden_cases(name: str) -> None:
    """Each case is a folder with what was recorded and what it must become."""
    cases = list((HERE / name / "cases").iterdir())
    assert cases
