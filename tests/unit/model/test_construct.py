"""Building and copying frozen dataclasses without their own constructor."""

from dataclasses import MISSING, FrozenInstanceError, fields, replace

import pytest

from opsconductor.model.alert import Alert
from opsconductor.model.changes import HistoryEntry
from opsconductor.model.construct import constructor_of, draft_of, replacer_of
from opsconductor.model.enums import Status
from tests.support.store.stored import an_alert, an_entry


def test_the_constructor_makes_the_same_instances() -> None:
    """Equal, of the class itself, frozen, and with the same defaults."""
    alert = an_alert()
    built = constructor_of(Alert)(**{each.name: getattr(alert, each.name) for each in fields(Alert)})
    assert (built, type(built)) == (alert, Alert)
    with pytest.raises(FrozenInstanceError):
        built.title = "another"  # type: ignore[misc]
    entry = an_entry(alert)
    needed = {name: getattr(entry, name) for name in ("id", "alert_id", "action", "created_at", "rule")}
    assert constructor_of(HistoryEntry)(**needed) == HistoryEntry(**needed)


def test_a_draft_becomes_the_same_instance() -> None:
    """Filled and ended, it is equal, of the class itself, frozen, and has the default values."""
    alert = an_alert()
    needed = {each.name: getattr(alert, each.name) for each in fields(Alert) if each.default is MISSING}
    draft = draft_of(Alert)()
    for name, value in needed.items():
        setattr(draft, name, value)
    with pytest.raises(AttributeError):
        draft.titel = "x"
    draft.__class__ = Alert
    assert draft == Alert(**needed)
    with pytest.raises(FrozenInstanceError):
        draft.title = "another"


def test_a_copy_has_the_new_values_and_leaves_the_former_alone() -> None:
    """As with `dataclasses.replace`."""
    alert = an_alert(title="Link Down")
    changes = {"status": Status.EXPIRED, "message": "over"}
    assert replacer_of(Alert)(alert, changes) == replace(alert, **changes)  # type: ignore[arg-type]
    assert (alert.status, alert.title) == (Status.ACTIVE, "Link Down")


def test_an_unknown_field_is_refused() -> None:
    """A misspelt name is an error."""
    with pytest.raises(KeyError):
        replacer_of(Alert)(an_alert(), {"titel": "x"})
