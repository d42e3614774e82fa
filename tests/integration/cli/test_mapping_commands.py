"""`opsconductor mappings`: the linter and explanations on the command line, against a real database."""

import json

import pytest
from click.testing import Result

from opsconductor.app.mappings.linting import lint_packs
from opsconductor.cli.facts import known_facts
from opsconductor.mib.lint.finding import LintLevel
from opsconductor.snmp.message.typed import encode_value
from opsconductor.snmp.notice import SenderV2c, SnmpNotice
from tests.integration.cli.test_configuration_commands import Shell, shell
from tests.integration.mib.test_mib_mappings import DOORS

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
    """List the output of a command."""
    return done.stdout.splitlines()


def test_packs_that_ship_have_no_errors() -> None:
    """Every row lints against the facts that ship; warnings are allowed."""
    found = lint_packs(known_facts(None))
    assert [each for each in found if each.level is LintLevel.ERROR] == []


def test_a_new_database_has_nothing_to_find(shell: Shell) -> None:
    """The rows of a new database are no mappings of the operator."""
    assert shell.ok("mappings", "lint") == "0 mappings of the database: 0 errors, 0 warnings\n"


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


FAN = (("1.3.6.1.4.1.9.9.13.1.4.1.2.7", "s", "Fan 7"), ("1.3.6.1.4.1.9.9.13.1.4.1.3.7", "i", "3"))
UPLINK = """
oid_mappings:
  - oid_pattern: 1.3.6.1.6.3.1.1.5.3
    conditions: [{varbind: ifIndex, equals: 7}]
    alert_type: network_uplink_down
    category: network
    default_severity: critical
    title_template: Uplink {ifIndex} is down - {device_name}
    resource_expression: ifIndex={ifIndex}
    clear_oid_pattern: 1.3.6.1.6.3.1.1.5.4
"""


def packet(trap_oid: str, *variables: tuple[str, str, str]) -> bytes:
    """Encode a trap."""
    varbinds = [(oid, *encode_value(letter, text)) for oid, letter, text in variables]
    return SenderV2c(community=b"public").trap(SnmpNotice(trap_oid=trap_oid, uptime=1, varbinds=varbinds))


def port(number: int) -> bytes:
    """Encode linkDown of a port."""
    return packet("1.3.6.1.6.3.1.1.5.3", (f"1.3.6.1.2.1.2.2.1.1.{number}", "i", str(number)))


def test_a_trap_in_a_file_is_explained_offline(shell: Shell) -> None:
    """The pack that decides is named with file and line, its alert, and its clear."""
    (shell.folder / "fan.bin").write_bytes(packet("1.3.6.1.4.1.9.9.13.3.0.4", *FAN))
    shown = shell.ok("mappings", "explain", "--offline", "--peer", "10.0.0.7", "fan.bin")
    assert "> pack 1.3.6.1.4.1.9.9.13.3.0.4" in shown
    assert "(mibs/packs/cisco.yaml:" in shown
    assert "device 10.0.0.7, resource " in shown
    assert "is cleared by:" in shown


def test_a_derived_mapping_is_listed_once(shell: Shell) -> None:
    """With its OID alone as with a trap that was received."""
    shell.write("doors.mib", DOORS)
    shell.ok("mib", "import", "doors.mib")
    (shell.folder / "door.bin").write_bytes(packet("1.3.6.1.4.1.99999.7.0.1"))
    for trap in ("doorForced", "door.bin"):
        (found,) = json.loads(shell.ok("mappings", "explain", "--json", trap))
        assert [each["origin"] for each in found["candidates"]] == ["derived"]


def test_own_rows_go_before_packs_if_their_conditions_hold(shell: Shell) -> None:
    """Of two rows for one trap the conditions decide; the failed one is shown with the value found."""
    shell.write("uplink.yaml", UPLINK)
    shell.ok("apply", "uplink.yaml")
    for number, alert_type in ((7, "network_uplink_down"), (8, "network_link_down")):
        (shell.folder / "port.bin").write_bytes(port(number))
        (found,) = json.loads(shell.ok("mappings", "explain", "--json", "port.bin"))
        first, second, *_ = found["candidates"]
        assert (first["place"].endswith("uplink.yaml"), second["origin"]) == (True, "pack")
        assert (first["conditions"][0]["value"], first["decides"]) == (str(number), number == 7)
        assert found["reports"][0]["alert_type"] == alert_type
    assert "depends on variables" in shell.ok("mappings", "explain", "linkDown")


def test_a_file_can_be_tried_without_applying_it(shell: Shell) -> None:
    """With --provision the mapping of a file decides; nothing is stored."""
    shell.write("uplink.yaml", UPLINK)
    (shell.folder / "port.bin").write_bytes(port(7))
    shown = shell.ok("mappings", "explain", "port.bin", "--provision", "uplink.yaml")
    assert "(uplink.yaml:3): the first one that applies" in shown
    assert "network_uplink_down" not in shell.ok("mappings", "explain", "port.bin")


def test_an_unknown_argument_is_reported(shell: Shell) -> None:
    """Unknown ids and names, and bytes that are no trap."""
    unknown = shell.run("mappings", "explain", "0193c1de-7a4e-7bb0-a5a1-0f6c3f1f2f6d")
    assert (unknown.exit_code, "no raw event was kept" in unknown.stderr) == (1, True)
    misspelled = shell.run("mappings", "explain", "linkDwn")
    assert (misspelled.exit_code, "linkDown" in misspelled.stderr) == (2, True)
    odd = shell.run("mappings", "explain", "-", stdin="30 01 02")
    assert (odd.exit_code, "trap decode" in odd.stderr) == (1, True)


@pytest.mark.parametrize("words", [("--shipped", "x.yaml"), ("none.yaml",)])
def test_a_wrong_call_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    """Contradictory or missing arguments have the exit status of a wrong call."""
    assert shell.run("mappings", "lint", *words).exit_code == 2
