"""Every example in docs/maintenance.md is accepted as it stands, and mutes something."""

from pathlib import Path
from uuid import UUID

import pytest

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import canonical
from opsconductor.store.maintenance import window_of

PAGE = (Path(__file__).parents[3] / "docs" / "maintenance.md").read_text()
EXAMPLES = [part.partition("```")[0] for part in PAGE.split("```yaml\n")[1:]]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_can_be_declared(number: int, tmp_path: Path) -> None:
    """It has no faults, comes back from the database unchanged, and can be used."""
    file = tmp_path / "maintenance.yaml"
    file.write_text(EXAMPLES[number])
    items = read_provision([file], installed_types()).items
    assert items
    for item in items:
        assert canonical(item.table, item.row) == item.row
        assert not window_of({"id": UUID(int=1), **item.row}).fault


def test_there_are_examples() -> None:
    """The page is read as it is written."""
    assert len(EXAMPLES) == 4
