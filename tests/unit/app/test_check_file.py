"""`opsconductor connectors check FILE`: connectors are checked without a daemon, before they are applied."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from opsconductor.cli import main

TRAPS = {"name": "traps", "type": "snmp_trap", "config": {"listen": ["127.0.0.1:0"], "communities": ["c"]}}
HOOK = {"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:1/"}}


def check(folder: Path, *connectors: object, options: tuple[str, ...] = ()) -> Result:
    """Write a provisioning file and check it; there is no daemon and no settings file."""
    path = folder / "file.yaml"
    path.write_text(yaml.safe_dump({"connectors": list(connectors)}))
    return CliRunner().invoke(main, ["connectors", "check", *options, str(path)])


def test_every_connector_of_a_file_is_checked(tmp_path: Path) -> None:
    """A disabled connector is checked as well; exit status 1 because one would not work."""
    done = check(tmp_path, {**TRAPS, "enabled": False}, HOOK, options=("--json",))
    found = json.loads(done.output)
    assert found["traps"]["ok"]
    assert found["traps"]["message"].startswith("can listen on 127.0.0.1:")
    assert not found["hook"]["ok"]
    assert "127.0.0.1:1" in found["hook"]["message"]
    assert done.exit_code == 1


def test_a_file_whose_connectors_work_ends_with_status_0(tmp_path: Path) -> None:
    """The output has a line for each connector."""
    done = check(tmp_path, TRAPS)
    assert done.exit_code == 0
    assert "ok  traps: can listen on" in done.output


def test_faults_of_a_file_are_listed(tmp_path: Path) -> None:
    """With file, line and key, as `check-config` lists them; no connector is checked then."""
    done = check(tmp_path, {**HOOK, "config": {"url": "http://127.0.0.1:1/", "tymeout": 1}})
    assert done.exit_code == 2
    assert "tymeout" in done.stderr


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("${env:OPSCONDUCTOR_TEST_UNSET}", "OPSCONDUCTOR_TEST_UNSET"),
        ("vault:hook", "vault:hook cannot be used here"),
    ],
)
def test_an_unavailable_secret_is_named(reference: str, words: str, tmp_path: Path) -> None:
    """The finding belongs to that connector alone."""
    hook = {**HOOK, "config": {"url": "http://127.0.0.1:1/", "secret": reference}}
    done = check(tmp_path, TRAPS, hook, options=("--json",))
    found = json.loads(done.output)
    assert words in found["hook"]["message"]
    assert found["traps"]["ok"]


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """The path is not mistaken for the name of a connector."""
    done = CliRunner().invoke(main, ["connectors", "check", str(tmp_path / "gone.yaml")])
    assert done.exit_code == 2
    assert "gone.yaml" in done.stderr
