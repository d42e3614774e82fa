"""Remarks on declarations that are valid but most often a mistake."""

from pathlib import Path

import pytest

from connectors import CHANNELS
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ConnectorTypes, ProvisionTable
from opsconductor.config.provision.sealing import sealed_row
from opsconductor.config.provision.workable import DeclaredNames, items_of, reach_faults, remarks
from opsconductor.config.secrets import no_vault, resolve_text
from opsconductor.errors import ConfigError
from opsconductor.selfcheck.doctor.setup import judge_workable
from tests.support.daemons.declaring import INSTALLED

MAPPING = (
    "{{oid_pattern: {0}, alert_type: network_x, category: network, default_severity: major, "
    "title_template: X{1}}}"
)
NOTHING = DeclaredNames()


def remarks_of(tmp_path: Path, text: str, known: DeclaredNames = NOTHING) -> list[str]:
    """List the remarks on a provisioning file."""
    file = tmp_path / "a.yaml"
    file.write_text(text)
    return [
        each.removeprefix(f"{tmp_path}/") for each in remarks(read_provision([file], INSTALLED).items, known)
    ]


def test_a_loop_of_dependencies_is_named_once_with_its_path(tmp_path: Path) -> None:
    """Three devices that need each other in a circle are one remark with the whole path."""
    text = "dependencies:\n" + "".join(
        f"  - {{device_ip: 10.0.0.{one}, depends_on_ip: 10.0.0.{other}}}\n"
        for one, other in ((1, 2), (2, 3), (3, 1), (4, 1))
    )
    (remark,) = remarks_of(tmp_path, text)
    assert remark.startswith("a.yaml:2: dependencies[0].depends_on_ip: found a loop: ")
    assert "10.0.0.1 -> 10.0.0.2 -> 10.0.0.3 -> 10.0.0.1 (network)" in remark


def test_a_loop_that_closes_in_the_database_is_found(tmp_path: Path) -> None:
    """One half is declared, the other is stored; another type of dependency closes no loop."""
    row = {"device_ip": "10.0.0.2", "depends_on_ip": "10.0.0.1", "dependency_type": "network"}
    text = "dependencies:\n  - {device_ip: 10.0.0.1, depends_on_ip: 10.0.0.2}\n"
    assert len(remarks_of(tmp_path, text, DeclaredNames(rows=[(ProvisionTable.DEPENDENCIES, row)]))) == 1
    other = {**row, "dependency_type": "power"}
    assert remarks_of(tmp_path, text, DeclaredNames(rows=[(ProvisionTable.DEPENDENCIES, other)])) == []


def test_a_clear_pattern_without_mapping_is_remarked(tmp_path: Path) -> None:
    """The exact pattern and a wildcard above it count as mappings; a misprint does not."""
    text = "oid_mappings:\n" + "".join(
        f"  - {MAPPING.format(oid, f', clear_oid_pattern: {clear}' if clear else '')}\n"
        for oid, clear in (
            ("1.3.6.1.4.1.9.1", "1.3.6.1.4.1.9.2"),
            ("1.3.6.1.4.1.9.2", ""),
            ("1.3.6.1.4.1.9.3", "1.3.6.1.4.1.8.7"),
            ("1.3.6.1.4.1.8.*", ""),
            ("1.3.6.1.4.1.9.4", "1.3.6.1.4.1.9.5"),
        )
    )
    (remark,) = remarks_of(tmp_path, text)
    assert 'clear_oid_pattern: found "1.3.6.1.4.1.9.5", which no mapping has' in remark


def test_missing_secrets_are_remarked_without_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing environment variable and a missing file are named; one that is set is not."""
    monkeypatch.setenv("THERE", "a secret")
    monkeypatch.delenv("GONE", raising=False)
    text = (
        "connectors:\n  - name: mail\n    type: mailer\n    config:\n      host: mx\n"
        '      password: "${env:GONE}"\n      tokens: ["${env:THERE}", "${file:/no/such/file}"]\n'
    )
    gone, file = remarks_of(tmp_path, text)
    assert "a.yaml:6: connectors[0].config.password: found ${env:GONE}: the environment variable" in gone
    assert "tokens[1]: found ${file:/no/such/file}" in file


def test_the_doctor_remarks_the_same_in_the_database() -> None:
    """A rule with the e-mail recipient "noc team" is bad, wherever it came from."""
    channel = {"name": "mail", "type": "email", "enabled": True, "config": {}}
    rule = {
        "name": "majors",
        "enabled": True,
        "conditions": {},
        "channels": [{"channel": "mail", "recipients": ["noc team"]}],
    }
    rows = [(ProvisionTable.CONNECTORS, channel), (ProvisionTable.NOTIFICATION_RULES, rule)]
    (finding,) = judge_workable(rows, installed_types())
    assert finding.verdict == "bad"
    assert 'found "noc team", expected a recipient that the channel type email can reach' in finding.text


def test_a_secret_that_begins_with_a_dollar_is_written_with_two() -> None:
    """`$$NAME` is stored as `$NAME` in the vault and in settings; `$${env:X}` is no reference."""
    row = {"name": "mail", "type": "mailer", "config": {"host": "mx", "password": "$$HUNTER_TWO"}}
    _, secrets = sealed_row(row, INSTALLED)
    assert list(secrets.values()) == ["$HUNTER_TWO"]
    assert resolve_text("$$HUNTER", no_vault) == "$HUNTER"
    assert resolve_text("$${env:NO_SUCH}", no_vault) == "${env:NO_SUCH}"


def test_variables_of_other_tools_in_real_connectors_are_faults(tmp_path: Path) -> None:
    """The syntax of Telegraf and Ansible is refused with ours as remedy, in lists and users too."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "connectors:\n  - name: traps\n    type: snmp_trap\n    config:\n"
        '      listen: ["127.0.0.1:1162"]\n      communities: ["${SNMP_COMMUNITY}"]\n'
        "      snmpv3_users:\n"
        '        - {username: u, auth_protocol: SHA, auth_password: "$SNMP_AUTH_PASSWORD"}\n'
        "  - name: nb\n    type: netbox\n"
        '    config: {url: "https://netbox.example.net", token: "$NETBOX_TOKEN"}\n'
    )
    with pytest.raises(ConfigError) as raised:
        read_provision([file], installed_types())
    message = str(raised.value)
    for name in ("SNMP_COMMUNITY", "SNMP_AUTH_PASSWORD", "NETBOX_TOKEN"):
        assert f"expected ${{env:{name}}}" in message


def test_a_network_with_host_bits_gets_the_network_as_remedy(tmp_path: Path) -> None:
    """10.1.2.3/8 is answered with 10.0.0.0/8."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "connectors:\n  - name: traps\n    type: snmp_trap\n"
        '    config: {communities: [x], networks: ["10.1.2.3/8", "ten"]}\n'
    )
    with pytest.raises(ConfigError) as raised:
        read_provision([file], installed_types())
    first, second = raised.value.faults
    assert first.expected == "a network without host bits (10.0.0.0/8?)"
    assert second.expected == "a network such as 10.0.0.0/8 or 2001:db8::/32"


def test_a_list_in_an_environment_variable_may_be_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`["file", "other"]` and `file,other` are the same list; broken JSON is a fault with the remedy."""
    empty = tmp_path / "opsconductor.yaml"
    empty.write_text("")
    for text in ('["one.yaml", "two.yaml"]', "one.yaml, two.yaml"):
        monkeypatch.setenv("OPSCONDUCTOR__PROVISION", text)
        assert [path.name for path in load_settings(empty).provision] == ["one.yaml", "two.yaml"]
    monkeypatch.setenv("OPSCONDUCTOR__PROVISION", '["one.yaml"')
    with pytest.raises(ConfigError) as raised:
        load_settings(empty)
    assert 'a list such as ["one", "two"], or one,two' in str(raised.value)


@pytest.mark.parametrize("kind", ["slack", "telegram", "mqtt_out", "ntfy", "matrix", "mattermost", "jira"])
def test_a_channel_with_a_recipient_of_its_own_needs_none_in_the_rule(kind: str) -> None:
    """Its configuration names the channel, chat, topic, room or project for rules without recipients."""
    connector = CHANNELS[kind]
    assert connector.check_recipient is not None
    installed = ConnectorTypes(known={kind: connector}, channels=frozenset({kind}))
    rule = {"name": "all", "channels": [{"type": kind}], "enabled": True, "conditions": {}}
    items = items_of([(ProvisionTable.NOTIFICATION_RULES, rule)])
    assert list(reach_faults(items, installed, DeclaredNames())) == []
