r"""Facts as text: one file a vendor, one line a fact, sorted by OID, so that a change is a readable diff.

What is derived from a notification is a line behind it.

    # cisco
    # Source: netdisco-mibs 4.056
    object  1.3.6.1.4.1.9.9.13.1.4.1.3  CISCO-ENVMON-MIB  ciscoEnvMonFanState  INTEGER  CiscoEnvMonState ...
    notification  1.3.6.1.4.1.9.9.13.3.0.4  CISCO-ENVMON-MIB  ciscoEnvMonFanNotification  ...
    mapping  1.3.6.1.4.1.9.9.13.3.0.4  CISCO-ENVMON-MIB  ciscoEnvMonFanNotification  stateful  ...

Columns are separated by tabs; empty ones at the end of a line are left out. A tab, a line break and a
backslash within a column are written `\t`, `\n`, `\\`. Columns of an object are OID, module, name, syntax,
convention, enumeration (`1=normal 2=warning`), units, display hint, index (parts separated by `;`, each
name, syntax, convention, and size or `implied`) and `notify` when it is accessible for notify only; those of
a notification OID, module, name and objects (`name=OID`). Those of a mapping, see `DerivedMapping`, are OID,
module, name, role, alert type, severity, category, title, resource (`name`, or `name(index)` for the
instance), names of the notifications that it clears, state (`object|1=clear 2=major|1`: severities by value,
and the values that clear), `cutting`, seconds until it expires, confidence, and reasons (`rule: detail`, with
the weight if it has one, separated by `; `). Lines that begin with `#` are comments and say
where the facts come from. A file holds no prose of a MIB.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from sys import intern

from opsconductor.errors import ConfigError, Fault
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import IndexPart, NotificationFact, ObjectFact, ObjectReference
from opsconductor.mib.mapping_columns import columns_of, mapping_of_columns

SUFFIX = ".tsv"
OBJECT, NOTIFICATION, MAPPING = "object", "notification", "mapping"
IMPLIED, NOTIFY_ONLY = "implied", "notify"
SHARED = 1_024
"""Enumerations and indexes that facts share: columns of one table have the same index."""

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\n"}
_ESCAPED = re.compile(r"\\(.)")
_LABEL = re.compile(r"(-?[0-9]+)=(\S+)")
_ODD = re.compile(r"[\s,;=]+")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The facts of one file.

    Attributes:
        remarks: Comment lines at the beginning, without `#`.
        mappings: Of notifications of this file.
    """

    objects: tuple[ObjectFact, ...] = ()
    notifications: tuple[NotificationFact, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    mappings: tuple[DerivedMapping, ...] = ()


def read_catalogue(path: Path) -> Catalogue:
    """Read a file; its name is the vendor of its notifications, `standard` means none.

    Raises:
        ConfigError: A line is not a fact; all such lines are named.
    """
    vendor = vendor_of_file(path)
    objects: list[ObjectFact] = []
    notifications: dict[Identity, NotificationFact] = {}
    mappings: list[DerivedMapping] = []
    remarks: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            remarks.append(line[1:].strip())
        elif line:
            try:
                if line.startswith(_MAPPING_LINE):
                    mappings.append(read_mapping_line(line, notifications.get))
                elif isinstance(fact := read_line(line, vendor), ObjectFact):
                    objects.append(fact)
                else:
                    notifications[fact.oid, fact.module, fact.name] = fact
            except ValueError as error:
                faults.append(
                    Fault(file=str(path), line=number, key=line[:40], found=str(error), expected=FORM)
                )
    if faults:
        raise ConfigError(faults)
    return Catalogue(tuple(objects), tuple(notifications.values()), tuple(remarks), tuple(mappings))


Identity = tuple[str, str, str]
"""OID, module and name of a notification."""

FORM = "object, notification or mapping, OID, module, name and the columns of opsconductor/mib/catalogue.py"


def vendor_of_file(path: Path) -> str:
    """Return the vendor whose facts a file contains; empty: none."""
    return "" if path.stem == "standard" else path.stem


def write_catalogue(catalogue: Catalogue) -> str:
    """Return the text of a file."""
    lines = [f"# {remark}".rstrip() for remark in catalogue.remarks]
    stated: tuple[ObjectFact | NotificationFact, ...] = (*catalogue.objects, *catalogue.notifications)
    facts = [(_place(fact), write_line(fact)) for fact in stated]
    facts += [(_place(each.notification), write_mapping_line(each)) for each in catalogue.mappings]
    lines += [line for _, line in sorted(facts, key=lambda fact: fact[0])]
    return "".join(f"{line}\n" for line in lines)


def _place(fact: ObjectFact | NotificationFact) -> tuple[Sequence[int], str, str]:
    return tuple(map(int, fact.oid.split("."))), fact.module, fact.name


def write_line(fact: ObjectFact | NotificationFact) -> str:
    """Return the line of a fact, without line break."""
    return _line(_object_columns(fact) if isinstance(fact, ObjectFact) else _notification_columns(fact))


def write_mapping_line(mapping: DerivedMapping) -> str:
    """Return the line of a mapping, without line break."""
    return _line((MAPPING, *columns_of(mapping)))


def _line(columns: Iterable[str]) -> str:
    return "\t".join(map(_escaped, columns)).rstrip("\t")


def head_of(line: str) -> tuple[str, str, str, str]:
    """Return kind, OID, module and name of a line.

    Raises:
        ValueError: It has none.
    """
    kind, *columns = line.split("\t", 4)
    if kind not in (OBJECT, NOTIFICATION, MAPPING):
        raise ValueError(f"{kind!r} as kind of fact")
    if len(columns) < _LEAST or not _is_oid(columns[0]):
        raise ValueError("no OID, module and name")
    oid, module, name, *_ = columns
    return kind, oid, module, name


def read_line(line: str, vendor: str = "") -> ObjectFact | NotificationFact:
    """Parse the line of a fact.

    Args:
        vendor: Of the file, for a notification.

    Raises:
        ValueError: It is not a fact.
    """
    kind, *_ = head_of(line)
    if kind == MAPPING:
        raise ValueError(f"{kind!r} as kind of fact")
    _, *columns = _columns(line)
    if kind == NOTIFICATION:
        oid, module, name, objects = _padded(columns, 4)
        return NotificationFact(oid, name, module, tuple(map(_reference, objects.split())), vendor)
    return _object(columns)


def read_mapping_line(
    line: str, notification_of: Callable[[Identity], NotificationFact | None]
) -> DerivedMapping:
    """Parse the line of a mapping.

    Args:
        notification_of: Returns the notification that the mapping is derived from.

    Raises:
        ValueError: It is not a mapping, or there is no such notification.
    """
    kind, *columns = _columns(line)
    if kind != MAPPING or len(columns) < _LEAST:
        raise ValueError("no mapping")
    oid, module, name, *_ = columns
    notification = notification_of((oid, module, name))
    if notification is None:
        raise ValueError("no line before it is the notification with this OID, module and name")
    return mapping_of_columns(columns, notification)


_MAPPING_LINE = f"{MAPPING}\t"
_LEAST = 3


def _columns(line: str) -> list[str]:
    return [_plain(column) for column in line.rstrip("\n").split("\t")]


def _is_oid(text: str) -> bool:
    return bool(text) and text.replace(".", "").isdecimal()


def _padded(columns: Sequence[str], size: int) -> Sequence[str]:
    if len(columns) > size:
        raise ValueError(f"{len(columns) + 1} columns")
    return [*columns, *[""] * (size - len(columns))]


def _object_columns(fact: ObjectFact) -> Iterator[str]:
    yield from (OBJECT, fact.oid, fact.module, fact.name, fact.syntax, fact.convention)
    yield " ".join(f"{number}={_ODD.sub('-', label)}" for number, label in fact.enumeration)
    yield from (fact.units, fact.display_hint)
    yield ";".join(map(_part_text, fact.index))
    yield NOTIFY_ONLY if fact.is_accessible_for_notify_only else ""


def _object(columns: Sequence[str]) -> ObjectFact:
    oid, module, name, syntax, convention, labels, units, hint, index, access = _padded(columns, 10)
    return ObjectFact(
        oid,
        name,
        intern(module),
        intern(syntax),
        intern(convention),
        _enumeration(labels),
        units,
        intern(hint),
        _index(index),
        access == NOTIFY_ONLY,
    )


@lru_cache(maxsize=SHARED)
def _enumeration(labels: str) -> tuple[tuple[int, str], ...]:
    return tuple(_label(label) for label in labels.split())


@lru_cache(maxsize=SHARED)
def _index(parts: str) -> tuple[IndexPart, ...]:
    return tuple(_part(text) for text in parts.split(";")) if parts else ()


def _label(text: str) -> tuple[int, str]:
    found = _LABEL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} as label of an enumeration")
    return int(found[1]), found[2]


def _notification_columns(fact: NotificationFact) -> Iterator[str]:
    yield from (NOTIFICATION, fact.oid, fact.module, fact.name)
    yield " ".join(f"{each.name}={each.oid}" if each.oid else each.name for each in fact.objects)


def _reference(text: str) -> ObjectReference:
    name, _, oid = text.partition("=")
    return ObjectReference(name, oid)


def _part_text(part: IndexPart) -> str:
    last = IMPLIED if part.is_implied else "" if part.size is None else str(part.size)
    return f"{part.name},{part.syntax},{part.convention},{last}".rstrip(",")


def _part(text: str) -> IndexPart:
    name, syntax, convention, last = _padded(text.split(","), 4)
    size = int(last) if last.isdecimal() else None
    return IndexPart(name, syntax, convention, last == IMPLIED, size)


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


_UNESCAPE: Callable[[str], str] = {"t": "\t", "n": "\n", "\\": "\\"}.get  # type: ignore[assignment]


def _unescape(found: re.Match[str]) -> str:
    return _UNESCAPE(found[1]) or found[1]
