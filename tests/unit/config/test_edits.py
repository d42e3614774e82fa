"""Single rows changed by an API become what a file would declare; no database."""

from typing import Any
from uuid import uuid4

import pytest

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.edits import Edit, EditVerb, merged, provision_of_edits, tag_of, unmasked
from opsconductor.config.provision.rows import MODELS, ProvisionTable
from opsconductor.errors import ConfigError, RowConflict, RowNotFound

TEAMS = ProvisionTable.TEAMS
TYPES = installed_types()


def team(name: str, origin: str | None = None) -> Present:
    """Make a stored team."""
    row = MODELS[TEAMS].model_validate({"name": name, "description": "as it was"}).model_dump(mode="json")
    return Present(table=TEAMS, row=row, origin=origin, id=uuid4())


def test_a_merge_patch_follows_its_standard() -> None:
    """The example of RFC 7396: null removes, mappings merge, lists and values are replaced."""
    present = {"title": "Goodbye!", "author": {"given": "John", "family": "Doe"}, "tags": ["a", "b"]}
    patch = {"title": "Hello!", "phone": "1", "author": {"family": None}, "tags": ["a"]}
    assert merged(present, patch) == {
        "title": "Hello!",
        "author": {"given": "John"},
        "tags": ["a"],
        "phone": "1",
    }
    assert merged({"a": 1}, ["other"]) == ["other"]


def test_edits_become_declared_and_deleted_rows() -> None:
    """A merge keeps the other keys; ids and names find the same row; a put may be new or existing."""
    old, gone = team("old"), team("gone")
    edits = [
        Edit(verb=EditVerb.MERGE, name="old", value={"members": ["ada"]}),
        Edit(verb=EditVerb.DELETE, name=str(gone.id)),
        Edit(verb=EditVerb.CREATE, value={"name": "new"}),
    ]
    made = provision_of_edits(TEAMS, edits, [old, gone], TYPES)
    rows = [(item.row["name"], item.row["members"], item.row["description"]) for item in made.items]
    assert rows == [("old", ["ada"], "as it was"), ("new", [], None)]
    assert made.deleted == {(TEAMS, ("gone",))}
    assert {item.origin for item in made.items} == {None}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Edit(verb=EditVerb.CREATE, value={"name": "old"}), "exists"),
        (Edit(verb=EditVerb.MERGE, name="old", value={}, tags=('"other"',)), "conflict"),
        (Edit(verb=EditVerb.DELETE, name="of a file"), "declared_in_file"),
        (Edit(verb=EditVerb.PUT, value={"name": "of a file"}), "declared_in_file"),
    ],
)
def test_the_present_state_is_respected(edit: Edit, code: str) -> None:
    """New rows are new, ETags are the present ones, rows of files are left to their files."""
    with pytest.raises(RowConflict) as refused:
        provision_of_edits(TEAMS, [edit], [team("old"), team("of a file", "/etc/noc/teams.yaml")], TYPES)
    assert refused.value.code == code


def test_rows_without_a_file_are_free_and_unknown_ones_are_named() -> None:
    """Rows applied from standard input or by the API are in no file."""
    for origin in (None, "cli", "api"):
        row = team("old", origin)
        edit = Edit(verb=EditVerb.DELETE, name="old", tags=(tag_of(row, TYPES),))
        assert provision_of_edits(TEAMS, [edit], [row], TYPES).deleted
    with pytest.raises(RowNotFound, match="there is no team 'new'"):
        provision_of_edits(TEAMS, [Edit(verb=EditVerb.DELETE, name="new")], [], TYPES)


def test_masked_secrets_are_those_of_the_row_that_is_there() -> None:
    """By their place; a mask without a secret is a fault; another shape is left to the validation."""
    config: dict[str, Any] = {"url": "https://a.example.net", "headers": {"X-Key": "plain"}}
    stored = Present(
        table=ProvisionTable.CONNECTORS,
        row={"name": "hook", "type": "webhook", "enabled": True, "config": config},
        origin=None,
    )
    sent = {"name": "hook", "type": "webhook", "config": {"url": "(secret)", "headers": {"X-Key": "vault:x"}}}
    assert unmasked(sent, stored, TYPES)["config"] == {
        "url": "https://a.example.net",
        "headers": {"X-Key": "vault:x"},
    }
    with pytest.raises(ConfigError, match=r"config\.url"):
        unmasked(sent, None, TYPES)
    assert unmasked({"type": 7, "config": "?"}, stored, TYPES) == {"type": 7, "config": "?"}
