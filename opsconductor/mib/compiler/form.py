"""One module in compact form: what it defines, with the names of other modules not yet resolved.

A form is what a worker returns, and what the database keeps of an imported module, so that a module that
comes later completes those that need it. It holds no prose.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from opsconductor.errors import StoreRejected
from opsconductor.mib.facts import NotificationText

LARGEST_FORM = 64 * 1024 * 1024
"""Octets of one form after decompression."""

Arcs = tuple[str | int, ...]
"""An OID as it is written: names and numbers, without the numbers beside names."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A syntax clause.

    Attributes:
        type: Name of a base type or of a textual convention; empty for a table.
        enumeration: Names by number, or by position of the bit.
        size: Of fixed length.
    """

    type: str
    enumeration: tuple[tuple[int, str], ...] = ()
    size: int | None = None


@dataclass(frozen=True, slots=True)
class TypeForm:
    """A type assignment or a textual convention."""

    syntax: Syntax
    display_hint: str = ""


@dataclass(frozen=True, slots=True)
class ObjectForm:
    """An OBJECT-TYPE.

    Attributes:
        index: Whether IMPLIED, and name, of each part of INDEX.
        augments: Row whose index it has; empty when none.
    """

    syntax: Syntax
    units: str = ""
    access: str = ""
    index: tuple[tuple[bool, str], ...] = ()
    augments: str = ""


@dataclass(frozen=True, slots=True)
class TrapForm:
    """A TRAP-TYPE of SNMPv1.

    Attributes:
        enterprise: As written; empty when the clause is missing.
    """

    enterprise: Arcs
    number: int
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleForm:
    """Definitions of a module.

    Attributes:
        updated: LAST-UPDATED as `YYYYMMDDhhmm`; empty when there is none.
        imports: Module by symbol.
        oids: OID of everything that has one, as written.
        notifications: Objects of each NOTIFICATION-TYPE.
        skipped: Names of definitions that could not be read.
    """

    name: str
    updated: str = ""
    imports: Mapping[str, str] = field(default_factory=dict)
    oids: Mapping[str, Arcs] = field(default_factory=dict)
    types: Mapping[str, TypeForm] = field(default_factory=dict)
    objects: Mapping[str, ObjectForm] = field(default_factory=dict)
    notifications: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traps: Mapping[str, TrapForm] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedModule:
    """A module as a worker returns it.

    Attributes:
        texts: Prose of its notifications by name, for derivation.
        faults: Why definitions were skipped, the first of each kind.
    """

    form: ModuleForm
    texts: Mapping[str, NotificationText] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def encode(form: ModuleForm) -> bytes:
    """Return a form as it is stored: compressed JSON."""
    document = [
        form.name,
        form.updated,
        dict(form.imports),
        dict(form.oids),
        {name: [_syntax_row(each.syntax), each.display_hint] for name, each in form.types.items()},
        {
            name: [_syntax_row(each.syntax), each.units, each.access, each.index, each.augments]
            for name, each in form.objects.items()
        },
        dict(form.notifications),
        {name: [each.enterprise, each.number, each.objects] for name, each in form.traps.items()},
        form.skipped,
    ]
    assert len(document) == len(fields(ModuleForm))
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6)


def decode(content: bytes) -> ModuleForm:
    """Decode a form written by `encode`.

    Raises:
        StoreRejected: It is invalid, or too large.
    """
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(content, LARGEST_FORM)
        if unpacking.unconsumed_tail:
            raise StoreRejected(f"the stored form of a MIB module is larger than {LARGEST_FORM} octets")
        name, updated, imports, oids, types, objects, notifications, traps, skipped = json.loads(text)
    except (zlib.error, ValueError) as error:
        raise StoreRejected(f"the stored form of a MIB module cannot be read: {error}") from error
    return ModuleForm(
        name=name,
        updated=updated,
        imports=imports,
        oids={key: tuple(arcs) for key, arcs in oids.items()},
        types={key: TypeForm(_syntax(row[0]), row[1]) for key, row in types.items()},
        objects={
            key: ObjectForm(
                _syntax(row[0]), row[1], row[2], tuple((part[0], part[1]) for part in row[3]), row[4]
            )
            for key, row in objects.items()
        },
        notifications={key: tuple(names) for key, names in notifications.items()},
        traps={key: TrapForm(tuple(row[0]), row[1], tuple(row[2])) for key, row in traps.items()},
        skipped=tuple(skipped),
    )


def _syntax_row(syntax: Syntax) -> list[object]:
    return [syntax.type, syntax.enumeration, syntax.size]


def _syntax(row: list[object]) -> Syntax:
    name, items, size = row
    assert isinstance(name, str)
    assert isinstance(items, list)
    assert size is None or isinstance(size, int)
    return Syntax(name, tuple((number, label) for number, label in items), size)
