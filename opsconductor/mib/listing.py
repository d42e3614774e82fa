"""All mappings of traps as people look them up: declared ones, derived ones, and suggestions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derive.modules import severity_text
from opsconductor.mib.derived_mappings import is_active
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.mappings.mapping import OidMapping


class ListedOrigin(StrEnum):
    """Where a mapping comes from, highest precedence first; a suggestion is not in force."""

    OWN = "own"
    PACK = "pack"
    DERIVED = "derived"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMapping:
    """A mapping as it is listed.

    Attributes:
        module: Of the MIB; empty when a declared mapping names none.
        name: Of the notification; empty when a declared mapping names none.
        role: `problem`, `clear`, `stateful` or `event`; of a declared one `problem` or `clear`.
        severity: Of a stateful one with the variable and the values that clear: `major|ifOperStatus=1`.
        resource: What identifies the affected thing; empty: the device.
        clears: Names of the notifications whose problems it ends.
        confidence: From 0 to 1; None: it is declared.
        reasons: Which rules decided, and what they found.
    """

    origin: ListedOrigin
    oid: str
    vendor: str
    module: str
    name: str
    role: str
    alert_type: str
    category: str
    severity: str
    resource: str
    clears: tuple[str, ...] = ()
    confidence: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMappings:
    """Which mappings are listed.

    Attributes:
        text: In the OID's beginning, or anywhere in names and alert type, in any case; empty: all.
        origins: Empty: all.
    """

    text: str = ""
    origins: frozenset[ListedOrigin] = frozenset()
    most: int = 50

    def matches(self, entry: "_Entry") -> bool:
        """Check whether a mapping is wanted."""
        if self.origins and entry.origin not in self.origins:
            return False
        text = self.text.lower()
        return not text or text in entry.text or f"{entry.oid}.".startswith(f"{text.strip('.')}.")


class _Entry(NamedTuple):
    """What is searched of a mapping.

    Attributes:
        text: Vendor, notification and alert type in lower case.
        declared: None: it is derived from the notification with the OID.
    """

    origin: ListedOrigin
    oid: str
    text: str
    declared: OidMapping | None


class MappingSearch:
    """Mappings by what they are searched for; to make it of all takes seconds, since all are derived once.

    Args of the constructor:
        text: What will be searched; empty: anything.
    """

    def __init__(self, declared: Iterable[OidMapping], facts: MibFacts, text: str = "") -> None:
        self._facts = facts
        ordered = sorted(declared, key=lambda mapping: mapping.origin)
        self._entries = [
            *(_entry(_declared(each), each) for each in ordered),
            *(_entry(_derived(each), None) for each in _all_derived(facts, text)),
        ]

    def find(self, wanted: WantedMappings) -> tuple[Sequence[ListedMapping], int]:
        """Return the wanted mappings, the operator's own first, and how many there are in all."""
        found = [entry for entry in self._entries if wanted.matches(entry)]
        listed = (self._listed(entry) for entry in found[: wanted.most])
        return [each for each in listed if each is not None], len(found)

    def _listed(self, entry: _Entry) -> ListedMapping | None:
        if entry.declared is not None:
            return _declared(entry.declared)
        derived = self._facts.mapping(entry.oid)
        return None if derived is None else _derived(derived)


def _entry(listed: ListedMapping, declared: OidMapping | None) -> _Entry:
    text = f"{listed.vendor} {listed.module}::{listed.name} {listed.alert_type}".lower()
    return _Entry(listed.origin, listed.oid, text, declared)


def list_mappings(
    declared: Iterable[OidMapping], facts: MibFacts, wanted: WantedMappings
) -> tuple[Sequence[ListedMapping], int]:
    """Return the wanted mappings, the operator's own first, and how many there are in all.

    With a text it takes a tenth of a second, else seconds.
    """
    return MappingSearch(declared, facts, wanted.text).find(wanted)


def _all_derived(facts: MibFacts, text: str) -> Iterator[DerivedMapping]:
    """Yield what is derived, without what an imported module overrides.

    Args:
        text: What is searched; others may be left out.
    """
    words = re.split(r"::|\s+", text.lower().strip("."))
    for place, index in enumerate(facts.indexes):
        for each in index.mappings(words):
            oid = each.notification.oid
            before = (other.mapping(oid) for other in facts.indexes[:place])
            if not any(found is not None and found.notification.oid == oid for found in before):
                yield each


def _declared(mapping: OidMapping) -> ListedMapping:
    return ListedMapping(
        origin=ListedOrigin(mapping.origin.name.lower()),
        oid=mapping.oid_pattern,
        vendor=mapping.vendor or "",
        module=mapping.mib_name or "",
        name=mapping.mib_object or "",
        role="clear" if mapping.is_clear_event else "problem",
        alert_type=mapping.alert_type,
        category=mapping.category.value,
        severity=mapping.default_severity.value,
        resource=mapping.resource_expression,
    )


def _derived(mapping: DerivedMapping) -> ListedMapping:
    fact = mapping.notification
    return ListedMapping(
        origin=ListedOrigin.DERIVED if is_active(mapping) else ListedOrigin.SUGGESTION,
        oid=fact.oid,
        vendor=fact.vendor,
        module=fact.module,
        name=fact.name,
        role=mapping.role,
        alert_type=mapping.alert_type,
        category=mapping.category.value,
        severity=severity_text(mapping),
        resource=", ".join(mapping.resource),
        clears=mapping.clears,
        confidence=mapping.confidence,
        reasons=tuple(f"{reason.rule}: {reason.detail}" for reason in mapping.reasons),
    )
