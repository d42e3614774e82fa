"""`opsconductor mib`: import files, look up what they define, remove them."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opsconductor.cli import main
from tests.support.mib_modules import FANS

NEEDY = """
NEEDY-MIB DEFINITIONS ::= BEGIN
IMPORTS acmeFanMIB, acmeFanState FROM ACME-FAN-MIB NOTIFICATION-TYPE FROM SNMPv2-SMI;
needyTrap NOTIFICATION-TYPE OBJECTS { acmeFanState } STATUS current DESCRIPTION "x" ::= { acmeFanMIB 0 9 }
bad OBJECT-TYPE SYNTAX INTEGER
END
"""


class Shell:
    """Runs `opsconductor mib` with a database of its own."""

    def __init__(self, url: str) -> None:
        self._environment: dict[str, str | None] = {
            **{name: None for name in os.environ if name.startswith("OPSCONDUCTOR")},
            "OPSCONDUCTOR__DATABASE__URL": url,
        }

    def run(self, *arguments: str) -> Result:
        """Run one command in this process."""
        runner = CliRunner(env=self._environment)
        return runner.invoke(main, ["mib", *arguments], catch_exceptions=False)

    def ok(self, *arguments: str) -> str:
        """Run one command that must succeed and return what it prints."""
        done = self.run(*arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(database_url: str) -> Shell:
    """Provide a shell with an empty database."""
    return Shell(database_url)


def test_modules_are_imported_looked_up_and_removed(shell: Shell, tmp_path: Path) -> None:
    """A module that misses another one is completed by it, and incomplete again without it."""
    (tmp_path / "needy.txt").write_text(NEEDY)
    with zipfile.ZipFile(tmp_path / "fans.zip", "w") as archive:
        archive.writestr("fans.mib", FANS)
        archive.writestr("README", "no MIB")
    output = shell.ok("import", str(tmp_path / "needy.txt"))
    assert "ACME-FAN-MIB: needed by NEEDY-MIB for acmeFanMIB, acmeFanState" in output
    assert "NEEDY-MIB: bad: OBJECT-TYPE: its value is missing (1 times)" in output
    assert "1 module: 0 whole, 1 in part" in output
    assert shell.run("translate", "needyTrap").exit_code == 1

    report = json.loads(shell.ok("import", "--json", str(tmp_path / "fans.zip")))
    assert (report["modules"], report["whole"], report["notifications"], report["objects"]) == (1, 1, 1, 3)
    assert report["changed"] == 2
    assert len(report["ignored"]) == 1
    assert shell.ok("translate", "needyTrap") == "1.3.6.1.4.1.99999.1.0.9\n"
    assert shell.ok("translate", "1.3.6.1.4.1.99999.1.1.1.3.7") == "ACME-FAN-MIB::acmeFanState.7\n"
    assert shell.ok("translate", "ACME-FAN-MIB::acmeFanState.7") == "1.3.6.1.4.1.99999.1.1.1.3.7\n"
    assert shell.ok("translate", ".1.3.6.1.4.1.99999.1.1.1.9.7") == "ACME-FAN-MIB::acmeFanEntry.9.7\n"
    assert shell.ok("translate", "linkDown") == "1.3.6.1.6.3.1.1.5.3\n"

    listed = json.loads(shell.ok("list", "--json"))
    assert [(each["name"], each["is_whole"]) for each in listed] == [
        ("ACME-FAN-MIB", True),
        ("NEEDY-MIB", False),
    ]
    assert "in part: 1 definitions not read" in shell.ok("list", "--incomplete")
    assert "acmeFanFailed  1.3.6.1.4.1.99999.1.0.1" in shell.ok("show", "acme-fan-mib")
    assert "ok(1) failed(2)" in shell.ok("show", "ACME-FAN-MIB")
    assert "ACME-FAN-MIB::acmeFanSpeed" in shell.ok("search", "speed")

    assert "removed 1 modules" in shell.ok("remove", "ACME-FAN-MIB")
    assert json.loads(shell.ok("list", "--json"))[0]["missing"] == [
        {"source": "ACME-FAN-MIB", "names": ["acmeFanMIB", "acmeFanState"]}
    ]
    assert shell.run("translate", "needyTrap").exit_code == 1


def test_a_rehearsal_stores_nothing(shell: Shell, tmp_path: Path) -> None:
    """The report is the same."""
    (tmp_path / "fans.mib").write_text(FANS)
    output = shell.ok("import", "--dry-run", str(tmp_path))
    assert "1 module: 1 whole, 0 in part" in output
    assert "nothing was stored" in output
    assert json.loads(shell.ok("list", "--json")) == []


def test_mistakes_are_reported_with_the_remedy(shell: Shell, tmp_path: Path) -> None:
    """A file that fails makes the exit status 1, and the others are imported all the same."""
    (tmp_path / "fans.mib").write_text(FANS)
    (tmp_path / "odd.mib").write_text("DEFINITIONS and nothing else")
    done = shell.run("import", str(tmp_path))
    assert done.exit_code == 1
    assert "odd.mib: it holds no 'NAME DEFINITIONS ::= BEGIN'" in done.stdout
    assert "1 module stored" in done.stdout
    for arguments, message in (
        (("import", str(tmp_path / "nothing")), "does not exist"),
        (("show", "NO-MIB"), "no module is called NO-MIB; see: opsconductor mib list"),
        (("remove", "NO-MIB"), "no module is called NO-MIB"),
        (("search", "nothing"), "nothing is called nothing in any imported module"),
        (("translate", "1.2.3"), "1.2.3: not known"),
    ):
        failed = shell.run(*arguments)
        assert failed.exit_code == 1
        assert message in failed.stderr
