"""The fields of an alert are listed once: every other list of them follows the declaration of `Alert`."""

from dataclasses import dataclass, fields, replace
from typing import Annotated, get_type_hints

import pytest

from opsconductor.api.views import AlertDetail, AlertView
from opsconductor.engine.notifications import facts_of
from opsconductor.model.alert import ALERT_FIELDS, INTERNAL, Alert, Column, fields_of
from opsconductor.model.changes import Changes
from opsconductor.model.enums import NotificationKind
from opsconductor.store.alerts.columns import COLUMNS, LOADED, column_of
from opsconductor.store.commit.copy_rows import CopyRows, alert_encoder
from opsconductor.store.commit.rows import CREATED_COLUMNS, ROW_TIMES, TABLE_COLUMNS, row_maker
from opsconductor.store.commit.write import UPDATE_ALERTS
from opsconductor.store.load import ALERTS
from opsconductor.store.spool import codec
from tests.support.store.stored import an_alert

NAMES = [field.name for field in fields(Alert)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongerAlert(Alert):
    """An alert to whose declaration two fields were added, and nothing else."""

    ticket: Annotated[str | None, Column(longest=8)] = None
    watchers: Annotated[tuple[str, ...], INTERNAL] = ()


def test_all_lists_agree_with_the_declaration() -> None:
    """Rows, SQL, spool, facts and views have the fields of `Alert`, no more and no fewer."""
    assert [column.field for column in COLUMNS] == NAMES
    names = [column.name for column in COLUMNS]
    assert [name for name in TABLE_COLUMNS if name not in ("raw_data", *ROW_TIMES)] == names
    assert [name for name in CREATED_COLUMNS if name != "raw_data"] == names
    assert [column.loaded.split()[-1] for column in COLUMNS] == NAMES
    assert ", ".join(column.loaded for column in COLUMNS) == LOADED
    assert f"SELECT {LOADED}" in ALERTS
    for name in names[1:]:
        assert f" {name} = n.{name}," in UPDATE_ALERTS
    shown = [field.name for field in ALERT_FIELDS if field.column.is_shown]
    assert list(AlertView.model_fields) == [*shown, "site"], "the site is that of the device in the inventory"
    assert list(AlertDetail.model_fields)[: len(shown)] == shown
    facts = facts_of(an_alert(), NotificationKind.PROBLEM)
    assert set(facts) == {*names, "kind"} - {"planned"}
    (decoded,) = codec.decode(codec.encode(Changes(created=(alert := an_alert(),)))).created
    assert decoded == alert


def test_a_new_field_is_written_read_and_shown() -> None:
    """A field that is added to the declaration is in rows, cut to its column's length, and is read back."""
    known = tuple(map(column_of, fields_of(LongerAlert)))
    assert [column.name for column in known[-2:]] == ["ticket", "watchers"]
    assert [field.column.is_shown for field in fields_of(LongerAlert)[-2:]] == [True, False]
    assert known[-1].loaded == "nullif(watchers, '{}') AS watchers"
    given = {field.name: getattr(an_alert(), field.name) for field in fields(Alert)}
    alert = LongerAlert(**given, ticket="INC-0012345", watchers=("anna", "b\0b"))
    row = row_maker((*TABLE_COLUMNS, "ticket", "watchers"), known)(alert, None)
    assert row[-2:] == ("INC-001…", ["anna", "b\\x00b"])
    read = known[-1].read
    assert read is not None
    assert (read(None), read(["anna"])) == ((), ("anna",))
    assert row_maker((*TABLE_COLUMNS, "ticket"), known)(replace(alert, ticket=None), None)[-1] is None


def test_a_new_field_is_copied() -> None:
    """The binary row of a new alert ends with a field that was added, cut to its column's length."""
    known = tuple(map(column_of, fields_of(LongerAlert)))
    given = {field.name: getattr(an_alert(), field.name) for field in fields(Alert)}
    encode = alert_encoder((*CREATED_COLUMNS, "ticket"), known)
    longer_alert = LongerAlert(**given, ticket="INC-0012345")
    row = encode(longer_alert, {}, CopyRows())
    assert row.startswith((len(CREATED_COLUMNS) + 1).to_bytes(2, "big"))
    assert row.endswith(b"\0\0\0\x0aINC-001\xe2\x80\xa6")
    assert encode(replace(longer_alert, ticket=None), {}, CopyRows()).endswith(b"\xff\xff\xff\xff")


def test_a_field_of_an_unknown_type_is_refused() -> None:
    """A type without a known column is an error that names the field, not a field left out."""

    @dataclass(frozen=True)
    class OddAlert:
        colours: frozenset[str] = frozenset()

    with pytest.raises(TypeError, match="colours"):
        column_of(fields_of(OddAlert)[0])


def test_types_are_those_of_the_declaration() -> None:
    """`Annotated` adds the data of a column and changes no type."""
    hints = get_type_hints(Alert)
    assert {field.name: field.hint for field in ALERT_FIELDS} == {name: hints[name] for name in NAMES}
