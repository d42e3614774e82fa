"""`opsconductor mib mappings`: mappings derived from files, and from shipped and imported modules."""

import csv
import json
from pathlib import Path

import pytest

from opsconductor.cli import facts
from opsconductor.shipped import shipped
from tests.integration.cli.test_mib_commands import Shell

STANDARDS = shipped("mibs") / "catalogue" / "standard.tsv"

COLUMNS = [
    "vendor",
    "module",
    "notification",
    "oid",
    "role",
    "severity",
    "category",
    "clears",
    "resource",
    "confidence",
    "reasons",
]

DOORS = """
ACME-DOOR-MIB DEFINITIONS ::= BEGIN
IMPORTS enterprises FROM RFC1155-SMI OBJECT-TYPE FROM RFC-1212 TRAP-TYPE FROM RFC-1215 ifIndex FROM IF-MIB;
acme OBJECT IDENTIFIER ::= { enterprises 99999 }
acmeDoor OBJECT IDENTIFIER ::= { acme 7 }
doorName OBJECT-TYPE SYNTAX OCTET STRING ACCESS read-only STATUS mandatory ::= { acmeDoor 1 }
doorState OBJECT-TYPE SYNTAX INTEGER { locked(1), ok(2), broken(3) } ACCESS read-only STATUS mandatory
    ::= { acmeDoor 2 }
doorForced TRAP-TYPE ENTERPRISE acmeDoor VARIABLES { doorName } DESCRIPTION "A door was forced."
    --#SEVERITY CRITICAL
    ::= 1
doorForcedCleared TRAP-TYPE ENTERPRISE acmeDoor VARIABLES { doorName } ::= 2
doorStateChanged TRAP-TYPE ENTERPRISE acmeDoor VARIABLES { doorName, doorState } ::= 3
doorPortDown TRAP-TYPE ENTERPRISE acmeDoor VARIABLES { ifIndex } ::= 4
END
"""


@pytest.fixture
def shell(database_url: str) -> Shell:
    """Provide a shell with an empty database."""
    return Shell(database_url)


def rows_of(text: str) -> dict[str, dict[str, str]]:
    """Read the rows by notification; of vendors that use a name of IF-MIB too, IF-MIB's."""
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    rows.sort(key=lambda row: row["module"] == "IF-MIB")
    return {row["notification"]: row for row in rows}


def test_mappings_of_files_are_printed_in_the_fixed_form(shell: Shell, tmp_path: Path) -> None:
    """Programs read these columns: role, severity with state, clears, resource, confidence."""
    (tmp_path / "doors.mib").write_text(DOORS)
    text = shell.ok("mappings", str(tmp_path), "--format", "tsv")
    assert text.splitlines()[0].split("\t") == COLUMNS
    rows = rows_of(text)
    assert rows["doorForced"]["role"] == "problem"
    assert rows["doorForced"]["severity"] == "critical"
    assert rows["doorForced"]["resource"] == "doorName"
    assert rows["doorForcedCleared"]["clears"] == "doorForced"
    assert rows["doorStateChanged"]["role"] == "stateful"
    assert rows["doorStateChanged"]["severity"].partition("|")[2] == "doorState=1,2"
    assert rows["doorForced"]["oid"] == "1.3.6.1.4.1.99999.7.0.1"
    assert rows["doorPortDown"]["resource"] == "ifIndex"


def test_json_has_the_same_columns(shell: Shell, tmp_path: Path) -> None:
    """For programs that do not like tabs."""
    (tmp_path / "doors.mib").write_text(DOORS)
    found = json.loads(shell.ok("mappings", str(tmp_path), "--format", "json"))
    assert [list(row) for row in found] == [COLUMNS] * 4


def test_without_paths_what_ships_and_what_was_imported_is_shown(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imported modules come with those of the catalogue; `--shipped` needs no database.

    The catalogue is the file of the standards: to derive the whole takes 6 s, and the daemon's tests do so.
    """
    catalogue = tmp_path / "mibs" / "catalogue"
    catalogue.mkdir(parents=True)
    (catalogue / STANDARDS.name).symlink_to(STANDARDS)
    monkeypatch.setattr(facts, "shipped", lambda name: tmp_path / name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "doors.mib").write_text(DOORS)
    shell.ok("import", str(tmp_path / "doors.mib"))
    rows = rows_of(shell.ok("mappings"))
    assert rows["doorForcedCleared"]["clears"] == "doorForced"
    assert rows["linkUp"]["clears"] == "linkDown"
    shipped = rows_of(shell.ok("mappings", "--shipped"))
    assert "doorForced" not in shipped
    assert shipped["linkUp"]["resource"] == "ifIndex"
