"""`opsconductor mappings`: the linter and explanations on the command line, against a real database."""

import json

import pytest
from click.testing import Result

from tests.integration.test_configuration_commands import Shell, shell
from tests.integration.test_mib_mappings import DOORS

__all__ = ["shell"]

FORCED = """
oid_mappings:
  - oid_pattern: 1.3.6.1.4.1.99999.7.0.1
    alert_type: security_door
    category: security
    default_severity: critical
    title_template: Door {doorNam} was forced - {device_name}
    resource_expression: door={doorName}
"""


def lines(done: Result) -> list[str]:
    """List what a command has printed."""
    return done.stdout.splitlines()


def test_what_ships_has_no_errors(shell: Shell) -> None:
    """The packs, and the mappings that are derived of the catalogue, lint without errors and offline."""
    shell.environment["OPSCONDUCTOR__DATABASE__URL"] = "postgresql://nobody@127.0.0.1:9/none"
    assert "0 errors" in shell.ok("mappings", "lint", "--shipped").splitlines()[-1]


def test_a_new_database_has_nothing_to_find(shell: Shell) -> None:
    """The mappings that the first migration creates are fine."""
    assert shell.ok("mappings", "lint") == "6 mappings of the database: 0 errors, 0 warnings\n"


def test_findings_of_a_file_have_line_key_value_and_remedy(shell: Shell) -> None:
    """A mistyped name and a problem without end are errors, with exit status 1 and as JSON."""
    shell.write("doors.mib", DOORS)
    shell.ok("mib", "import", "doors.mib")
    shell.write("doors.yaml", FORCED)
    done = shell.run("mappings", "lint", "doors.yaml")
    name, lasting, total = lines(done)
    assert done.exit_code == 1
    assert name.startswith("error: doors.yaml:7: oid_mappings[0].title_template: found doorNam: no object is")
    assert name.endswith("expected doorName?")
    assert lasting.startswith("error: doors.yaml:4: oid_mappings[0].alert_type: found security_door: nothing")
    assert total == "1 rows of 1 files: 2 errors, 0 warnings"
    found = json.loads(shell.run("mappings", "lint", "doors.yaml", "--json").stdout)
    assert [(each["rule"], each["line"]) for each in found] == [("unknown-name", 7), ("never-ends", 4)]


def test_apply_shows_what_the_linter_finds_and_applies_all_the_same(shell: Shell) -> None:
    """A warning is no fault; the second time nothing changes, and nothing is shown."""
    shell.write("doors.yaml", FORCED.replace("{doorNam} ", ""))
    done = shell.run("apply", "doors.yaml")
    assert (done.exit_code, "1 added" in done.stdout, "! error: doors.yaml:" in done.stdout) == (
        0,
        True,
        True,
    )
    assert "!" not in shell.ok("apply", "doors.yaml")
    assert shell.run("mappings", "lint").exit_code == 1


@pytest.mark.parametrize("words", [("--shipped", "x.yaml"), ("none.yaml",)])
def test_a_wrong_call_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    """What is contradictory or missing has the exit status of a wrong call."""
    assert shell.run("mappings", "lint", *words).exit_code == 2
