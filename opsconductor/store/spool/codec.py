"""Codec for changes in the spool: a version, then compressed JSON.

The fields are read from the dataclasses, so that a new field is never forgotten. A field
added with a default needs no new version: older entries get the default. Renaming or
removing a field does need one.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from opsconductor.errors import StoreRejected
from opsconductor.model.changes import Changes
from opsconductor.store.commit.rows import made

VERSION = 1
FASTEST = 1
DEEPEST = 100
"""Maximum nesting; deeper values are cut off, since Python reads and writes JSON by recursion."""
MICROSECOND = timedelta(microseconds=1)

Read = Callable[[Any], Any]


def encode(changes: Changes) -> bytes:
    """Encode changes so that `decode` returns equal ones; raw data is created and encoded too.

    Whatever text a device sent survives, NUL and lone surrogates included; what JSON cannot hold
    becomes text.
    """
    return b"%d\n" % VERSION + zlib.compress(readable(changes), FASTEST)


def readable(changes: Changes) -> bytes:
    """Return changes as readable JSON, as `encode` does."""
    document = {name: _plain(getattr(changes, name)) for name in _columns(Changes)}
    try:
        text = _to_json(_harmless(document) if _is_deep(document) else document)
    except (TypeError, ValueError):
        text = _to_json(_harmless(document))
    return text.encode("ascii")


def decode(body: bytes) -> Changes:
    """Decode what `encode` returned.

    Raises:
        StoreRejected: Another version wrote it, or it is damaged.
    """
    version, _, packed = body.partition(b"\n")
    if version != b"%d" % VERSION:
        found = version[:20].decode("ascii", "backslashreplace")
        raise StoreRejected(f"changes in the spool have format {found!r}, this version reads {VERSION}")
    try:
        document = json.loads(zlib.decompress(packed))
        return Changes(**_read_fields(Changes, document))
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise StoreRejected(
            f"changes in the spool cannot be read: {type(error).__name__}: {error}"
        ) from error


# Writing -----------------------------------------------------------------------------------


def _plain(value: object) -> object:
    """Convert one field of `Changes` to a form whose parts `_part` can encode."""
    if isinstance(value, Mapping):
        return {str(key): made(entry) if callable(entry) else entry for key, entry in value.items()}
    if isinstance(value, tuple) and value:
        cls: Any = type(value[0])
        columns = _columns(cls)
        return {"columns": columns, "rows": [attrgetter(*columns)(row) for row in value]}
    return value


def _part(value: Any) -> object:
    """Encode a value that JSON does not know; called by the encoder for each."""
    write = WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _columns(type(value))}
    return str(value)


WRITERS: dict[type, Callable[[Any], object]] = {
    datetime: datetime.isoformat,
    UUID: str,
    timedelta: lambda length: length // MICROSECOND,
    bytes: lambda content: b64encode(content).decode("ascii"),
}
CONTAINERS = frozenset({dict, list, tuple})

# cyclic values are nested without end, which is checked beforehand
_to_json = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=_part).encode


def _is_deep(document: Mapping[str, object]) -> bool:
    """Return True if a document is nested deeper than `DEEPEST`; examines it level by level."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in CONTAINERS
        ]
        if not level:
            return False
    return True


def _harmless(value: object, depth: int = 1) -> object:
    """Rebuild a document so that JSON can hold every part: slow, only for those it cannot."""
    if depth >= DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        return {_key(key): _harmless(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_harmless(entry, depth + 1) for entry in value]
    try:
        return json.loads(_to_json(value))
    except (TypeError, ValueError):
        return f"<{type(value).__name__}>"


def _key(key: object) -> str:
    """Return a key as JSON would encode it, or as text if JSON rejects its type."""
    return key if type(key) is str else str(key)


# Reading -----------------------------------------------------------------------------------


@cache
def _columns(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


@cache
def _readers(cls: Any) -> Mapping[str, Read | None]:
    """Return the decoder of every field; None: unchanged."""
    return {name: _reader(hint) for name, hint in get_type_hints(cls).items() if name in _columns(cls)}


def _reader(hint: Any) -> Read | None:
    """Return the decoder of a type; None: none is needed."""
    if hint in (str, int, bool, float, object, NoneType):
        return None
    if hint in READERS:
        return READERS[hint]
    if isinstance(hint, type) and issubclass(hint, UUID | Enum):
        return hint
    if is_dataclass(hint):
        return partial(_read_one, hint)
    return _reader_of_many(get_origin(hint), get_args(hint))


def _reader_of_many(origin: Any, inner: tuple[Any, ...]) -> Read | None:
    if origin is UnionType:
        read = _reader(next(hint for hint in inner if hint is not NoneType))
        return read and partial(_read_optional, read)
    if origin is tuple:
        if is_dataclass(inner[0]):
            return partial(_read_rows, inner[0])
        return partial(_read_tuple, _reader(inner[0]))
    if origin is Mapping:
        return partial(_read_mapping, _reader(inner[0]), _reader(inner[1]))
    if origin is Callable:
        return _read_raw_data
    raise TypeError(f"the spool cannot read a {origin}")


def _read_length(microseconds: int) -> timedelta:
    return timedelta(microseconds=microseconds)


READERS: dict[Any, Read] = {
    datetime: datetime.fromisoformat,
    timedelta: _read_length,
    bytes: b64decode,
}


def _read_optional(read: Read, value: Any) -> Any:
    return None if value is None else read(value)


def _read_tuple(read: Read | None, values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values) if read is None else tuple(map(read, values))


def _read_mapping(read_key: Read | None, read: Read | None, value: Mapping[str, Any]) -> Any:
    if read_key is None and read is None:
        return value
    return {
        key if read_key is None else read_key(key): entry if read is None else read(entry)
        for key, entry in value.items()
    }


def _read_raw_data(document: Mapping[str, object]) -> Callable[[], Mapping[str, object]]:
    return partial(dict, document)


def _read_rows(cls: Any, table: Any) -> tuple[Any, ...]:
    """Decode rows that share their columns, or single objects."""
    if isinstance(table, Mapping):
        columns = table["columns"]
        return tuple(_read_one(cls, dict(zip(columns, row, strict=True))) for row in table["rows"])
    return tuple(_read_one(cls, row) for row in table)


def _read_one(cls: Any, values: Mapping[str, Any]) -> Any:
    return cls(**_read_fields(cls, values))


def _read_fields(cls: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Decode the fields of one object; an unknown field is an error, never lost."""
    readers = _readers(cls)
    read = {}
    for name, value in values.items():
        reader = readers[name]
        read[name] = value if reader is None else reader(value)
    return read
