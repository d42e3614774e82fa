"""Channels of rules in short form: a type, or a type with a URL."""

from pathlib import Path
from typing import Any

import pytest

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.plan import make_plan
from opsconductor.config.provision.provision import Provision, read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.vault import Vault
from opsconductor.errors import ConfigError

TYPES = installed_types()
MAIL = "connectors: [{{name: {0}, type: email, config: {{host: mx, from: noc@example.net}}}}]"
EMAIL = "notification_rules: [{name: r, channels: [{type: email, recipients: [noc@example.com]}]}]"
HOOK = """
notification_rules:
  - {name: a, channels: [{type: webhook, url: "https://hooks.example.net/1"}]}
  - {name: b, channels: [{type: webhook, url: "https://hooks.example.net/1"}]}
"""


def declared(tmp_path: Path, text: str) -> Provision:
    """Read a file."""
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    return read_provision([file], TYPES)


def channels(tmp_path: Path, *connectors: str, text: str = EMAIL) -> list[dict[str, Any]]:
    """Plan a file with e-mail connectors of some names in the database; return the rule's channels."""
    rows = [
        Present(table=item.table, row=item.row, origin=None)
        for name in connectors
        for item in declared(tmp_path, MAIL.format(name)).items
    ]
    made = make_plan(declared(tmp_path, text), rows, Vault(bytes(32), {}), installed=TYPES, prune=False)
    (rule,) = [change.row for change in made.changes if change.table is ProvisionTable.NOTIFICATION_RULES]
    return list(rule["channels"])


def test_the_only_connector_of_a_type_is_used(tmp_path: Path) -> None:
    """Its name is stored, so a second one added later changes nothing."""
    assert channels(tmp_path, "noc-mail") == [{"channel": "noc-mail", "recipients": ["noc@example.com"]}]


def test_of_several_the_one_named_like_the_type_is_used(tmp_path: Path) -> None:
    """It is the default."""
    assert channels(tmp_path, "noc-mail", "email")[0]["channel"] == "email"


@pytest.mark.parametrize(
    ("connectors", "expected"),
    [
        ((), 'found "email", a type of no connector, expected channel: the name of a connector'),
        (
            ("a", "b"),
            'found "email", a type of 2 connectors, expected channel: one of a, b; or name one of them',
        ),
    ],
)
def test_an_ambiguous_type_is_a_fault(tmp_path: Path, connectors: tuple[str, ...], expected: str) -> None:
    """The fault lists the possible connectors."""
    with pytest.raises(ConfigError) as raised:
        channels(tmp_path, *connectors)
    assert expected in str(raised.value)
    assert "notification_rules[0].channels[0].type" in str(raised.value)


def test_a_url_is_a_connector_of_its_own(tmp_path: Path) -> None:
    """One for each URL, of the same file; applying it again changes nothing."""
    provision = declared(tmp_path, HOOK)
    connector, first, second = provision.items
    assert connector.row == {
        "name": connector.row["name"],
        "type": "webhook",
        "enabled": True,
        "config": {"url": "https://hooks.example.net/1"},
    }
    assert first.row["channels"] == second.row["channels"] == [{"channel": connector.row["name"]}]
    made = make_plan(provision, [], Vault(bytes(32), {}), installed=TYPES, prune=True)
    rows = [Present(table=each.table, row=each.row, origin=each.origin) for each in made.changes]
    again = make_plan(provision, rows, Vault(bytes(32), made.secrets), installed=TYPES, prune=True)
    assert (len(made.changes), again.changes) == (3, ())


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("{recipients: [a@example.net]}", "expected one of channel (the name of a connector), type, person"),
        ("{channel: x, type: email}", "expected one of channel (the name of a connector), type, person"),
        ("{channel: x, url: 'https://x'}", "expected type beside url, such as webhook"),
        ("{type: webhook, url: 'no url'}", "channels[0]"),
        ("{type: email, recipients: [unknown]}", "a recipient that the channel type email can reach"),
    ],
)
def test_a_wrong_short_form_is_a_fault(tmp_path: Path, channel: str, expected: str) -> None:
    """The fault is at the channel, before anything is applied."""
    with pytest.raises(ConfigError) as raised:
        declared(tmp_path, f"notification_rules: [{{name: r, channels: [{channel}]}}]")
    assert expected in str(raised.value)
