"""Columns of `alerts`, derived from the fields of `Alert`: how each is written, selected and read.

An unknown type is an error at import, so that no field is ever left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum
from types import NoneType
from typing import Any, get_args
from uuid import UUID

from opsconductor.model.alert import (
    ALERT_FIELDS,
    NO_FIELDS,
    Alert,
    AlertField,
    NotifiedRecipient,
    PlannedNotification,
)
from opsconductor.model.text import fitted

Convert = Callable[[Any], object]
Kind = tuple[str, Convert | None, Convert | None, str]
"""Suffix of the column's name, writer (not called with None or empty values), reader, empty literal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertColumn:
    """A column of `alerts`.

    Attributes:
        field: Attribute of `Alert`.
        hint: Type of the attribute, without None.
        is_optional: It may be None.
        is_text: Its text is made to fit, see `model.text.fitted`; `longest` characters at most.
        size: Size of a number in bytes.
        write: Converts to asyncpg's type; None: unchanged.
        read: Converts what `loaded` selects to the attribute; None: unchanged.
        nothing: Literal of an empty array or document; empty: it is neither.
    """

    name: str
    field: str
    hint: Any
    is_optional: bool
    is_text: bool
    longest: int | None
    size: int
    write: Convert | None
    read: Convert | None
    nothing: str

    @property
    def loaded(self) -> str:
        """Return the item of a SELECT list that reads `field`; NULL for empty values costs no decoding."""
        if self.nothing:
            return f"nullif({self.name}, '{self.nothing}') AS {self.field}"
        return self.name if self.name == self.field else f"{self.name} AS {self.field}"


def notified_of(entries: Iterable[Mapping[str, Any]] | None) -> tuple[NotifiedRecipient, ...]:
    """Convert `alerts.notified`: recipients notified of the problem."""
    return tuple(
        NotifiedRecipient(
            rule_id=UUID(entry["rule_id"]),
            rule_name=entry["rule_name"],
            channel=entry["channel"],
            recipient=entry["recipient"],
            person=entry.get("person", ""),
            group=entry.get("group", ""),
            batch=UUID(entry["batch"]) if entry.get("batch") else None,
        )
        for entry in entries or ()
    )


def planned_of(entries: Iterable[Mapping[str, Any]] | None) -> tuple[PlannedNotification, ...]:
    """Convert `alerts.planned`: what is notified later."""
    return tuple(
        PlannedNotification(
            **{
                **entry,
                "at": datetime.fromisoformat(entry["at"]),
                "since": datetime.fromisoformat(entry["since"]),
                "rule_id": UUID(entry["rule_id"]),
            }
        )
        for entry in entries or ()
    )


def column_of(field: AlertField) -> AlertColumn:
    """Return the column of a field, derived from its type.

    Raises:
        TypeError: The type is unknown here.
    """
    is_optional = NoneType in get_args(field.hint)
    choices = set(get_args(field.hint)) - {NoneType} if is_optional else {field.hint}
    hint = choices.pop()
    suffix, write, read, nothing = _kind_of(field, hint)
    return AlertColumn(
        name=field.name + suffix,
        field=field.name,
        hint=hint,
        is_optional=is_optional,
        is_text=hint is str,
        longest=field.column.longest,
        size=field.column.size,
        write=write,
        read=read,
        nothing=nothing,
    )


def _kind_of(field: AlertField, hint: Any) -> Kind:
    if isinstance(hint, type) and issubclass(hint, Enum):
        # a dictionary look-up is five times faster than calling the enum
        words: dict[str | None, Any] = {str(word): word for word in hint}
        if NoneType in get_args(field.hint):
            words[None] = None
        return "", None, words.__getitem__, ""
    if hint not in KINDS:
        raise TypeError(f"Alert.{field.name}: no column type is known for {hint}; add it to KINDS")
    return KINDS[hint]


def _fit_all(texts: Iterable[str]) -> list[str]:
    return [fitted(text) for text in texts]


def _tuple_of(values: Iterable[object] | None) -> tuple[object, ...]:
    return tuple(values or ())


def _document_of(value: Mapping[str, object] | None) -> Mapping[str, object]:
    return value or NO_FIELDS


def _notified_json(notified: Iterable[NotifiedRecipient]) -> list[dict[str, str]]:
    return [
        {
            "rule_id": str(recipient.rule_id),
            "rule_name": recipient.rule_name,
            "channel": recipient.channel,
            "recipient": recipient.recipient,
            **({"group": recipient.group} if recipient.group else {}),
            **({"batch": str(recipient.batch)} if recipient.batch else {}),
            **({"person": recipient.person} if recipient.person else {}),
        }
        for recipient in notified
    ]


def _planned_json(planned: Iterable[PlannedNotification]) -> list[dict[str, object]]:
    return [
        {
            **{name: value for name in PLANNED if (value := getattr(each, name))},
            "at": each.at.isoformat(),
            "since": each.since.isoformat(),
            "rule_id": str(each.rule_id),
        }
        for each in planned
    ]


PLANNED = tuple(field.name for field in fields(PlannedNotification))


def _length_of(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


AS_IT_IS: Kind = ("", None, None, "")
KINDS: Mapping[Any, Kind] = {
    **dict.fromkeys((str, int, bool, UUID, datetime), AS_IT_IS),
    timedelta: ("_s", timedelta.total_seconds, _length_of, ""),
    tuple[str, ...]: ("", _fit_all, _tuple_of, "{}"),
    tuple[datetime, ...]: ("", None, _tuple_of, "{}"),
    tuple[NotifiedRecipient, ...]: ("", _notified_json, notified_of, "[]"),
    tuple[PlannedNotification, ...]: ("", _planned_json, planned_of, "[]"),
    Mapping[str, object]: ("", None, _document_of, "{}"),
}

COLUMNS = tuple(column_of(field) for field in ALERT_FIELDS)

LOADED = ", ".join(column.loaded for column in COLUMNS)
"""SELECT list of the arguments of `alert_of`."""
READERS = tuple((column.field, column.read) for column in COLUMNS if column.read is not None)


def alert_of(fields: dict[str, Any]) -> Alert:
    """Return the alert of a row that was selected as `LOADED`; the dictionary is consumed."""
    for name, read in READERS:
        fields[name] = read(fields[name])
    return Alert(**fields)
