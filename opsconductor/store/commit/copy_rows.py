"""Encoder of new alerts, history and raw events as rows of PostgreSQL's binary COPY.

asyncpg encodes a record column by column through the codecs of their types, which for an alert of forty
columns costs three times as much as the function that is compiled from its declaration here.

Source:
    PostgreSQL manual, COPY, "Binary Format"; array_send, jsonb_send and timestamptz_send for the types.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby
from struct import Struct
from typing import Any
from uuid import UUID

from opsconductor.model.alert import (
    LONGEST_ADDRESS,
    LONGEST_RULE,
    LONGEST_SOURCE,
    LONGEST_TYPE,
    Alert,
    NotifiedRecipient,
    PlannedNotification,
)
from opsconductor.model.changes import HistoryEntry
from opsconductor.model.enums import HistoryAction, Status
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.text import fitted
from opsconductor.store.alerts.columns import COLUMNS, AlertColumn
from opsconductor.store.commit import rows
from opsconductor.store.postgres.codecs import encode_json, encode_jsonb, encode_time

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_size = Struct("!i").pack
_double = Struct("!id").pack
_count = Struct("!h").pack
_array = Struct("!iii").pack
_dimension = Struct("!ii").pack

_SIZES = tuple(_size(size) for size in range(1_024))
_NULL = _size(-1)
_UUID = _size(16)
_TIME = _size(8)
_BOOLEANS = {True: _size(1) + b"\1", False: _size(1) + b"\0"}
_TEXT_TYPE, _TIME_TYPE = 25, 1184
"""OIDs of `text` and `timestamptz`, see pg_type.dat."""

_HISTORY = _count(len(rows.HISTORY_COLUMNS))
_ARCHIVE = _count(len(rows.ARCHIVE_COLUMNS))
_NO_USER = _NULL * 3


class SharedTexts(dict[str, bytes]):
    """Encoded texts that many rows have in common, of at most so many characters."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self._longest = longest

    def __missing__(self, text: str) -> bytes:
        """Encode a text when it first occurs."""
        found = self[text] = _text(text, self._longest)
        return found


class CopyRows:
    """Encodes rows of one statement and caches shared values. Create a new one for each statement.

    Every method raises the Python error of a value that is not of its column's type.
    """

    def __init__(self) -> None:
        self.texts = {longest: SharedTexts(longest) for longest in _SHARED}
        self._times: dict[datetime, bytes] = {}
        self._lists: dict[Sequence[datetime], bytes] = {}
        self._documents: dict[int, bytes] = {}
        self._text_documents: dict[int, bytes] = {}
        self.alike: dict[tuple[object, ...], bytes] = {}

    def alert(self, alert: Alert, raw_data: Mapping[str, object]) -> bytes:
        """Encode a new alert as `rows.CREATED_COLUMNS`."""
        return _encode_alert(alert, raw_data, self)

    def history(self, entry: HistoryEntry) -> bytes:
        """Encode an entry as `rows.HISTORY_COLUMNS`."""
        is_anonymous = entry.user_id is None and entry.user_name is None and entry.notes is None
        return b"".join(
            (
                _HISTORY,
                _UUID,
                entry.id.int.to_bytes(16, "big"),
                _UUID,
                entry.alert_id.int.to_bytes(16, "big"),
                _WORDS[entry.action],
                _WORDS[entry.old_status],
                _WORDS[entry.new_status],
                _NO_USER if is_anonymous else _user(entry),
                self.text_document(entry.changes),
                self.texts[LONGEST_RULE][entry.rule],
                _TIME + encode_time(entry.created_at),
            )
        )

    def archive(self, event: ArchivedEvent) -> bytes:
        """Encode an archived event as `rows.ARCHIVE_COLUMNS`."""
        return b"".join(
            (
                _ARCHIVE,
                _UUID,
                event.id.bytes,
                _text(event.connector, 50),
                self.time(event.received_at),
                _text(event.peer, 45),
                _text(event.local),
                _NULL if event.payload is None else _sized(event.payload),
                _number(event.sampled_count, 8),
            )
        )

    def time(self, at: datetime) -> bytes:
        """Encode a time that many rows share."""
        found = self._times.get(at)
        if found is None:
            found = self._times[at] = _sized(encode_time(at))
        return found

    def times(self, times: Sequence[datetime]) -> bytes:
        """Encode a list of times that many rows share."""
        found = self._lists.get(times)
        if found is None:
            found = self._lists[times] = _array_of(_TIME_TYPE, [*map(self.time, times)])
        return found

    def document(self, value: Mapping[str, object]) -> bytes:
        """Encode a `jsonb` document that many rows share by identity; the rows keep it alive."""
        found = self._documents.get(id(value))
        if found is None:
            found = self._documents[id(value)] = _jsonb(value)
        return found

    def text_document(self, value: Mapping[str, object]) -> bytes:
        """Encode a `json` document that many rows share, as `document` does."""
        found = self._text_documents.get(id(value))
        if found is None:
            found = self._text_documents[id(value)] = _json(value)
        return found


EncodeAlert = Callable[[Alert, Mapping[str, object], CopyRows], bytes]


def alert_encoder(columns: Sequence[str], known: Sequence[AlertColumn] = COLUMNS) -> EncodeAlert:
    """Return the function that encodes an alert as these columns, compiled as `rows.row_maker` does.

    Its further arguments are the raw data and the cache of shared values.

    Raises:
        KeyError: A column's type is unknown here.
    """
    by_name = {column.name: column for column in known}
    names = {
        "text": _text,
        "json": _json,
        "jsonb": _jsonb,
        "sized": _sized,
        "number": _number,
        "double": _double,
        "texts": _texts,
        "NULL": _NULL,
        "EMPTY": _SIZES[0],
        "NO_ITEMS": _jsonb(()),
        "NO_TIMES": _NO_TIMES,
        "UUID": _UUID,
        "BOOLEANS": _BOOLEANS,
    }
    for column in known:
        names[f"write_{column.name}"] = _words_of(column.hint) if _is_enum(column.hint) else column.write
    parts: list[str] = []
    for is_alike, run in groupby(columns, lambda name: name in by_name and _is_alike(by_name[name])):
        if is_alike:
            parts.append(_joined(len(parts), [by_name[name] for name in run]))
        else:
            parts += [_expression(by_name[name]) if name in by_name else f"json({name})" for name in run]
    source = f"lambda alert, raw_data, shared: b''.join(({_count(len(columns))!r}, {', '.join(parts)}))"
    encode: EncodeAlert = eval(source, names)  # noqa: S307 - of the declaration only
    return encode


def _is_alike(column: AlertColumn) -> bool:
    """Return True if many alerts of one statement have the same value in a column."""
    return column.name not in _THEIR_OWN and column.hint not in _WITH_ITEMS


def _joined(run: int, columns: Sequence[AlertColumn]) -> str:
    """Return the expression of the bytes of a run of adjacent columns, encoded once for equal values."""
    key = f"({run}, {', '.join(f'alert.{column.field}' for column in columns)})"
    encoded = f"b''.join(({', '.join(map(_expression, columns))},))"
    return f"shared.alike.get(key := {key}) or shared.alike.setdefault(key, {encoded})"


def _expression(column: AlertColumn) -> str:
    """Return the Python expression of a column's bytes."""
    value = f"alert.{column.field}"
    kind = Enum if _is_enum(column.hint) else column.hint
    expression = _SHARED_TEXT if kind is str and column.longest in _SHARED else _EXPRESSIONS[kind]
    found = expression.format(value=value, column=column)
    return f"NULL if {value} is None else {found}" if column.is_optional else found


_EXPRESSIONS: Mapping[Any, str] = {
    Enum: "write_{column.name}[{value}]",
    str: "EMPTY if {value} == '' else text({value}, {column.longest})",
    bool: "BOOLEANS[{value}]",
    int: "number({value}, {column.size})",
    UUID: "UUID + {value}.int.to_bytes(16, 'big')",  # `bytes` is a property in Python
    datetime: "shared.time({value})",
    timedelta: "double(8, write_{column.name}({value}))",
    tuple[str, ...]: "texts({value})",
    tuple[datetime, ...]: "shared.times({value}) if {value} else NO_TIMES",
    tuple[NotifiedRecipient, ...]: "jsonb(write_{column.name}({value})) if {value} else NO_ITEMS",
    tuple[PlannedNotification, ...]: "jsonb(write_{column.name}({value})) if {value} else NO_ITEMS",
    Mapping[str, object]: "shared.document({value})",
}
"""Expression of the bytes by type of the field."""
_SHARED_TEXT = "EMPTY if {value} == '' else shared.texts[{column.longest}][{value}]"
_THEIR_OWN = frozenset(
    {"id", "source_alert_id", "device_ip", "device_name", "resource", "title", "message", "fingerprint"}
)
"""Columns in which the alerts of one statement differ."""
_WITH_ITEMS = (Mapping[str, object], tuple[NotifiedRecipient, ...], tuple[PlannedNotification, ...])
"""Types of fields that cannot be keys of a dictionary, or are slow ones."""
_SHARED = frozenset({LONGEST_SOURCE, LONGEST_ADDRESS, LONGEST_TYPE, LONGEST_RULE})
"""Lengths of the columns whose texts occur in many rows: sources, addresses, types, rules."""


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _user(entry: HistoryEntry) -> bytes:
    user, name, notes = entry.user_id, entry.user_name, entry.notes
    return b"".join(
        (
            _NULL if user is None else _UUID + user.bytes,
            _NULL if name is None else _text(name, 100),
            _NULL if notes is None else _text(notes),
        )
    )


def _text(text: str, longest: int | None = None) -> bytes:
    size = len(text)
    if size < len(_SIZES) and text.isascii() and "\0" not in text and (longest is None or size <= longest):
        return _SIZES[size] + text.encode()  # as below, for nearly all texts
    return _sized(fitted(text, longest).encode())


def _json(value: object) -> bytes:
    return _sized(encode_json(value))


def _jsonb(value: object) -> bytes:
    return _sized(encode_jsonb(value))


def _number(number: int, size: int) -> bytes:
    return _SIZES[size] + number.to_bytes(size, "big", signed=True)


def _sized(content: bytes) -> bytes:
    size = len(content)
    return (_SIZES[size] if size < len(_SIZES) else _size(size)) + content


def _texts(texts: Sequence[str]) -> bytes:
    return _array_of(_TEXT_TYPE, [_text(text) for text in texts]) if texts else _NO_TEXTS


def _array_of(kind: int, items: list[bytes]) -> bytes:
    """Encode an array of one dimension without NULLs."""
    return _sized(b"".join((_array(1, 0, kind), _dimension(len(items), 1), *items)))


def _words_of(*words: Iterable[str]) -> dict[str | None, bytes]:
    return {word: _text(word) for each in words for word in each}


_WORDS = {None: _NULL, **_words_of(HistoryAction, Status)}
_NO_TEXTS = _sized(_array(0, 0, _TEXT_TYPE))
_NO_TIMES = _sized(_array(0, 0, _TIME_TYPE))
_encode_alert = alert_encoder(rows.CREATED_COLUMNS)
