"""Commands in a folder in which no daemon has ever run."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from opsconductor.cli import main
from opsconductor.config import load


@pytest.mark.parametrize(
    "command",
    [
        ("apply", "--dry-run", "noc.yaml"),
        ("export",),
        ("credential", "list"),
        ("mib", "list"),
        ("backup", "copies"),
    ],
    ids=" ".join,
)
def test_no_database_is_created_by_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A command that finds no configuration and no database fails, names the remedy and writes nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(load, "DEFAULT_FILES", ())
    for name in ("OPSCONDUCTOR__DATA_DIR", "OPSCONDUCTOR__DATABASE__URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "noc.yaml").write_text("devices:\n  - {name: core-1}\n")
    (tmp_path / "copies").mkdir()
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert f"there is no database in {tmp_path / 'var'}, the default of data_dir" in done.stderr
    assert "opsconductor --config FILE" in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copies", "noc.yaml"]
