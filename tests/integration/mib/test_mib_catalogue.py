"""`opsconductor mib catalogue`: files of the catalogue from MIB modules."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.test_mib_commands import NEEDY, Shell
from tests.support.mib_modules import FANS


@pytest.fixture
def shell() -> Shell:
    """Return a shell whose database is never used."""
    return Shell("postgresql://nowhere.invalid/none")


def test_a_catalogue_is_made_and_made_again(shell: Shell, tmp_path: Path) -> None:
    """Facts and mappings are written with their source; the same modules give the same bytes."""
    (tmp_path / "fans.mib").write_text(FANS)
    (tmp_path / "plain.mib").write_text(
        "PLAIN-MIB DEFINITIONS ::= BEGIN plain OBJECT IDENTIFIER ::= { iso 3 } END"
    )
    into = tmp_path / "catalogue"
    source = f"invented, 2024={tmp_path / 'fans.mib'}"
    output = shell.ok("catalogue", source, str(tmp_path / "plain.mib"), "--into", str(into))
    assert "enterprise-99999: 1 notifications, 8 objects" in output
    assert output.splitlines()[-1].endswith("of 1 modules, 0 failed")
    file = into / "enterprise-99999.tsv"
    text = file.read_text()
    assert text.startswith(
        "# Below the enterprise numbers 99999.\n# Module ACME-FAN-MIB of 2024-01-02, from invented, 2024\n"
    )
    assert "A fan" not in text
    assert {line.split("\t")[0] for line in text.splitlines() if line[0] != "#"} == {
        "object",
        "notification",
        "mapping",
    }
    shell.ok("catalogue", source, "--into", str(into))
    assert file.read_text() == text


def test_a_module_is_added_to_a_catalogue(shell: Shell, tmp_path: Path) -> None:
    """Definitions of other modules in the files stay."""
    (tmp_path / "fans.mib").write_text(FANS)
    (tmp_path / "needy.mib").write_text(NEEDY)
    into = str(tmp_path / "catalogue")
    shell.ok("catalogue", str(tmp_path / "fans.mib"), "--into", into)
    both = [str(tmp_path / name) for name in ("fans.mib", "needy.mib")]
    report = json.loads(shell.ok("catalogue", *both, "--into", into, "--json"))
    assert report["files"]["enterprise-99999"]["notifications"] == 2
    assert report["failed"] == 0


def test_an_unreadable_file_is_named(shell: Shell, tmp_path: Path) -> None:
    """A path that does not exist is an error; nothing is written."""
    done = shell.run("catalogue", f"none={tmp_path / 'none'}", "--into", str(tmp_path / "catalogue"))
    assert done.exit_code == 1
    assert "none does not exist" in done.stderr
    assert not (tmp_path / "catalogue").exists()
