"""Derived mappings in the form of those that are declared, made when a trap first needs them."""

import re
from collections.abc import Callable, Iterator, Sequence

from opsconductor.mib.derive.derived import DerivedMapping, StateRule
from opsconductor.mib.derive.modules import ACTIVE_FROM
from opsconductor.mib.facts import IndexPart, ObjectFact
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.mappings.mapping import OidMapping, Origin, SeverityMap

INSTANCE = "(index)"
"""Behind the name of an object whose instance, not its value, identifies what is affected."""

_PLAIN_ARCS = frozenset({"INTEGER", "IpAddress"})
"""Syntaxes of index parts that are readable as arcs."""


class DerivedMappings:
    """What is derived from the notifications of MIBs; implements `DerivedSource`. Nothing is remembered."""

    def __init__(self, facts: MibFacts) -> None:
        self._facts = facts

    def mapping(self, trap_oid: str) -> OidMapping | None:
        """Return the mapping of a trap; None: there is none, or it is only a suggestion."""
        found = self._facts.mapping(trap_oid)
        return None if found is None or not is_active(found) else mapping_of_derived(found, self._facts)

    def cleared_by(self, trap_oid: str) -> Sequence[OidMapping]:
        """Return the mappings of the problems that a trap clears, without suggestions."""
        found = self._facts.mapping(trap_oid)
        if found is None or not found.clears or not is_active(found):
            return ()
        problems = problems_of(found, self._facts)
        return [mapping_of_derived(problem, self._facts) for problem in problems if is_active(problem)]


def is_active(derived: DerivedMapping) -> bool:
    """Return True if a mapping is in force unless a declared one is; False: it is a suggestion."""
    return derived.confidence >= ACTIVE_FROM


def problems_of(clear: DerivedMapping, facts: MibFacts) -> Iterator[DerivedMapping]:
    """Yield what is derived from the problems that a notification clears."""
    module = clear.notification.module
    for name in clear.clears:
        for notification in facts.notifications_named(name):
            found = facts.mapping(notification.oid) if notification.module == module else None
            if found is not None and found.notification.name == name:
                yield found


def mapping_of_derived(
    derived: DerivedMapping, facts: MibFacts, spelled: Callable[[str, str], str] = lambda _, oid: oid
) -> OidMapping:
    """Return the mapping that is derived from a notification.

    Objects whose module is missing have no OID and cannot be read from a trap: they identify nothing.

    Args:
        facts: Among which the objects of the notification are.
        spelled: Returns what stands for an object in the mapping, from its name and its OID.
    """
    notification = derived.notification
    oids = {each.name: each.oid for each in notification.objects if each.oid}

    def named(name: str) -> str:
        return spelled(name, oids[name]) if name in oids else name

    known = [each for each in derived.resource if _name(each) in oids]
    parts = [_part(each, derived, oids[_name(each)], named, facts) for each in known]
    return OidMapping(
        oid_pattern=notification.oid,
        alert_type=derived.alert_type,
        category=derived.category,
        default_severity=derived.severity,
        title_template=derived.title,
        is_clear_event=derived.role == "clear",
        mib_name=notification.module,
        mib_object=notification.name,
        resource_expression=" ".join(parts),
        severity_map=_severity_map(derived.state, named) if derived.state else None,
        is_cutting=derived.is_cutting,
        expires_after=derived.expires_after,
        origin=Origin.DERIVED,
    )


def _severity_map(state: StateRule, named: Callable[[str], str]) -> SeverityMap:
    return SeverityMap(varbind=named(state.object), values=dict(state.severities))


def _name(reference: str) -> str:
    return reference.removesuffix(INSTANCE)


def _part(
    reference: str, derived: DerivedMapping, oid: str, named: Callable[[str], str], facts: MibFacts
) -> str:
    """Return a part of the resource: what is called the same in a problem and its clear, and its value.

    A row is called by the last part of its index, whichever of its columns a notification carries.
    """
    name, module = _name(reference), derived.notification.module
    if not reference.endswith(INSTANCE):
        return f"{_label(name, module)}={{{named(name)}}}"
    fact = facts.object_above(oid) if oid else None
    index = fact.index if isinstance(fact, ObjectFact) and fact.oid == oid else ()
    label = _label(index[-1].name if index and index[-1].name else name, module)
    return f"{label}={_instance(named(name), index)}"


def _instance(name: str, index: Sequence[IndexPart]) -> str:
    if all(part.syntax in _PLAIN_ARCS for part in index):
        return f"{{{name}#}}"
    return "/".join(f"{{{name}#{number}}}" for number in range(1, len(index) + 1))


_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def _label(name: str, module: str) -> str:
    """Return the name of an object without what it shares with its module: `fanIndex` of `acmeFanIndex`.

    `ifIndex` stays: the name of the port is shown in its place.
    """
    if name == "ifIndex":
        return name
    plain = "".join(char for char in module.lower() if char.isalnum())
    pieces, kept = _PIECES.findall(name), name
    for count in range(1, len(pieces)):
        if not plain.startswith("".join(pieces[:count]).lower()):
            break
        rest = "".join(pieces[count:])
        kept = rest[:1].lower() + rest[1:] if not rest[:2].isupper() else rest
    return kept
