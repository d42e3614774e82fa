"""Plans: the changes that bring the database to what files declare."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from opsconductor.config.provision.diff import FieldChange, Present, Verb
from opsconductor.config.provision.document import parse_document
from opsconductor.config.provision.plan import ProvisionPlan, make_plan
from opsconductor.config.provision.provision import Provision, read_items
from opsconductor.config.provision.rows import Item, ProvisionTable, name_of
from opsconductor.config.vault import Vault
from opsconductor.errors import ConfigError, Fault
from tests.support.daemons.declaring import INSTALLED

KEY = bytes(32)
DEVICE = "devices: [{ip_address: 10.0.0.1, name: core-1, site: north}]"


def declared(text: str) -> Provision:
    """Read rows from YAML text."""
    document, faults = parse_document(text, Path("a.yaml"))
    assert not faults
    items = list(read_items(document, "/etc/a.yaml"))
    assert not [item for item in items if isinstance(item, Fault)]
    return Provision(files=(Path("a.yaml"),), items=tuple(item for item in items if isinstance(item, Item)))


def present(text: str, origin: str | None = "/etc/a.yaml") -> list[Present]:
    """Make rows as the database has them."""
    return [Present(table=item.table, row=item.row, origin=origin) for item in declared(text).items]


def plan(
    text: str, rows: list[Present], *, prune: bool = False, vault: Mapping[str, str] | None = None
) -> ProvisionPlan:
    """Make a plan for files with the content `text`."""
    sealed = {name: Vault(KEY, {}).seal(name, secret) for name, secret in (vault or {}).items()}
    return make_plan(declared(text), rows, Vault(KEY, sealed), installed=INSTALLED, prune=prune)


def verbs(made: ProvisionPlan) -> list[tuple[str, str]]:
    """List the actions of a plan, as a diff shows them."""
    return [(str(change.verb), name_of(change.table, change.key)) for change in made.changes]


def test_new_row_is_added() -> None:
    """A missing row is added with the name of its file."""
    made = plan(DEVICE, [])
    assert verbs(made) == [("+", "device 10.0.0.1")]
    assert made.changes[0].origin == "/etc/a.yaml"
    assert made.summary == "1 added, 0 changed, 0 deleted, 0 unchanged"


def test_same_row_is_left_alone() -> None:
    """Applying twice changes nothing, even if the same values are written differently."""
    made = plan('{devices: [{name: "core-1", site: north, ip_address: 10.0.0.1, tags: []}]}', present(DEVICE))
    assert made.changes == ()
    assert made.summary == "0 added, 0 changed, 0 deleted, 1 unchanged"


def test_difference_is_reported_field_by_field() -> None:
    """Nested values are shown by path; a key that the file omits returns to its default."""
    text = "devices: [{ip_address: 10.0.0.1, name: core-2, custom_fields: {rack: 7, row: 1}}]"
    before = "devices: [{ip_address: 10.0.0.1, name: core-1, site: x, custom_fields: {rack: 6, row: 1}}]"
    (change,) = plan(text, present(before)).changes
    assert change.verb is Verb.CHANGE
    assert change.fields == (
        FieldChange(name="name", old="core-1", new="core-2"),
        FieldChange(name="site", old="x", new=None),
        FieldChange(name="custom_fields.rack", old=6, new=7),
    )
    assert not change.is_takeover


def test_row_made_by_hand_is_taken_over_visibly_when_it_differs() -> None:
    """The change is shown; an equal row made by hand keeps its origin."""
    (change,) = plan(DEVICE, present(DEVICE.replace("north", "south"), origin=None)).changes
    assert change.is_takeover
    assert plan(DEVICE, present(DEVICE, origin=None)).changes == ()


@pytest.mark.parametrize(
    ("origin", "prune", "deleted"),
    [
        ("/etc/old.yaml", True, True),
        ("cli", True, True),
        ("/etc/old.yaml", False, False),
        (None, True, False),
    ],
)
def test_only_pruning_deletes_and_only_what_came_from_files(
    origin: str | None,
    prune: bool,  # noqa: FBT001
    deleted: bool,  # noqa: FBT001
) -> None:
    """Rows of the API, of discovery and of migrations are never deleted."""
    rows = present(DEVICE.replace("10.0.0.1", "10.0.0.9"), origin=origin)
    expected = [("-", "device 10.0.0.9")] if deleted else []
    assert verbs(plan("", rows, prune=prune)) == expected


def test_deletions_come_before_additions() -> None:
    """Within a table, rows are deleted before others are added."""
    rows = present("devices: [{ip_address: 10.0.0.9, name: old, addresses: [10.0.0.1]}]")
    assert verbs(plan(DEVICE, rows, prune=True)) == [("-", "device 10.0.0.9"), ("+", "device 10.0.0.1")]


def test_address_of_another_device_in_the_database_is_a_fault() -> None:
    """Two devices with one address would make every trap ambiguous."""
    rows = present("devices: [{ip_address: 10.0.0.9, name: old, addresses: [10.0.0.1]}]", origin=None)
    with pytest.raises(ConfigError) as raised:
        plan(DEVICE, rows)
    assert str(raised.value) == (
        'a.yaml:1: devices[0].addresses: found "10.0.0.1", '
        "expected an address of no other device (old in the database)"
    )


RULE = "notification_rules: [{name: r, channels: [{channel: mail}]}]"
MAIL = "connectors: [{name: mail, type: mailer, config: {host: mx}}]"


def test_rule_may_use_a_channel_of_the_database() -> None:
    """A channel made by the API can be used like a declared one."""
    assert verbs(plan(RULE, present(MAIL, origin=None))) == [("+", "notification_rule r")]


@pytest.mark.parametrize("rows", [[], present(MAIL)])
def test_rule_with_a_missing_channel_is_a_fault(rows: list[Present]) -> None:
    """A channel that is missing, or deleted in the same step, cannot be used."""
    with pytest.raises(ConfigError, match='found "mail", expected a connector that sends notifications'):
        plan(RULE, rows, prune=True)


SECRET = "connectors: [{name: mail, type: mailer, config: {host: mx, password: hunter2hunter2}}]"
NAME = "connector/mail/password"
REFERENCE = SECRET.replace("hunter2hunter2", f"vault:{NAME}")


def test_plain_secret_goes_into_the_vault() -> None:
    """Neither the rows nor the representation of a plan contain the secret."""
    made = plan(SECRET, [])
    assert made.changes[0].row["config"]["password"] == f"vault:{NAME}"
    assert Vault(KEY, made.secrets).open(NAME) == "hunter2hunter2"
    assert "hunter2" not in repr(made)


def test_same_secret_changes_nothing_and_another_is_shown_as_another() -> None:
    """The diff says that a secret changes, and shows neither value."""
    assert plan(SECRET, present(REFERENCE), vault={NAME: "hunter2hunter2"}).changes == ()
    made = plan(SECRET, present(REFERENCE), vault={NAME: "an older one"})
    assert made.changes[0].fields == (
        FieldChange(name="config.password", old="(secret)", new="(another secret)"),
    )
    assert list(made.secrets) == [NAME]


def test_plain_secret_of_the_database_is_covered_in_the_diff() -> None:
    """A plain secret in a row of another program is never shown."""
    made = plan(REFERENCE, present(SECRET, origin=None), vault={NAME: "x"})
    assert made.changes[0].fields[0].old == "(secret)"
    assert "hunter2" not in repr(made)


def test_damaged_entry_is_written_anew() -> None:
    """Applying the file again repairs the vault."""
    made = make_plan(
        declared(SECRET), present(REFERENCE), Vault(KEY, {NAME: b"?"}), installed=INSTALLED, prune=False
    )
    assert list(made.secrets) == [NAME]


def test_unused_secrets_are_dropped() -> None:
    """A connector that is deleted, or refers elsewhere, removes its own entries of the vault."""
    vault = {NAME: "x", "smtp": "y", "connector/mail2/password": "z"}
    assert plan("", present(REFERENCE), prune=True, vault=vault).dropped_secrets == (NAME,)
    elsewhere = REFERENCE.replace(NAME, "smtp")
    assert plan(elsewhere, present(REFERENCE), vault=vault).dropped_secrets == (NAME,)
    shared = (
        elsewhere[:-1] + f", {{name: other, type: mailer, config: {{host: mx, password: 'vault:{NAME}'}}}}]"
    )
    assert plan(shared, present(REFERENCE), vault=vault).dropped_secrets == ()


def test_reference_to_a_missing_secret_is_reported() -> None:
    """It is no fault: the secret may be added after the file."""
    assert plan(REFERENCE, []).missing_secrets.keys() == {NAME}
    assert plan(REFERENCE, [], vault={NAME: "x"}).missing_secrets == {}
    assert plan(SECRET, []).missing_secrets == {}


@pytest.mark.parametrize(
    ("table", "key", "name"),
    [
        (
            ProvisionTable.DEPENDENCIES,
            ("10.0.0.2", "10.0.0.1", "power"),
            "dependency 10.0.0.2 -> 10.0.0.1 (power)",
        ),
        (ProvisionTable.OID_MAPPINGS, ("1.3.6.1", None, None), "oid_mapping 1.3.6.1"),
        (ProvisionTable.OID_MAPPINGS, ("1.3.6.1", "acme", None), "oid_mapping 1.3.6.1 of acme"),
        (
            ProvisionTable.OID_MAPPINGS,
            ("1.3.6.1", None, '[{"varbind": "state"}]'),
            'oid_mapping 1.3.6.1 where [{"varbind": "state"}]',
        ),
    ],
)
def test_rows_are_named_by_their_key(table: ProvisionTable, key: tuple[str | None, ...], name: str) -> None:
    """A diff names rows by their key."""
    assert name_of(table, key) == name
