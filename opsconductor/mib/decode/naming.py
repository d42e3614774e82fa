"""The name of a variable or notification by its OID."""

from opsconductor.mib.decode.instance import instance_text, needs_reading
from opsconductor.mib.facts import ObjectFact
from opsconductor.mib.lookup import MibFacts, shared_arcs

LEAST_SHARED = 8
"""Arcs that an OID must share with an object to be named after its module: `1.3.6.1.4.1.N` and one more."""

BETWEEN = "::"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def name_of(facts: MibFacts, oid: str) -> str | None:
    """Return the name of a variable with its instance, `ifDescr.7`, or of a notification, `linkDown`.

    An OID below a known node that is no object is named after it, `RADIO-BRIDGE-MIB::rfEntry.17.3`, and one
    beside known objects after their module, `RADIO-BRIDGE-MIB::….17.3`.

    Returns:
        None when nothing near it is known.
    """
    fact = facts.object_above(oid)
    if fact is not None and (fact.syntax or fact.oid == oid):
        instance = oid[len(fact.oid) + 1 :]
        return f"{fact.name}.{instance_text(fact.index, instance)}" if instance else fact.name
    notification = facts.notification(oid)
    if notification is not None:
        return notification.name
    return _ancestor(facts, oid, fact)


def notification_name(facts: MibFacts, oid: str) -> str | None:
    """Return the name of a notification; None: it is not known."""
    found = facts.notification(oid)
    return None if found is None else found.name


def label_of(facts: MibFacts, column: str) -> str | None:
    """Return what the names of all variables of a column begin with, as `name_of` gives them; None: no name.

    Args:
        column: For which `is_even` holds.
    """
    name = name_of(facts, f"{column}.1")
    return name and name[:-1]


def is_even(facts: MibFacts, column: str) -> bool:
    """Check that the names of all OIDs with one more arc than a column differ in that arc alone."""
    if not facts.is_leaf(column):
        return False
    fact = facts.object_above(column)
    return fact is None or not needs_reading(fact.index)


def _ancestor(facts: MibFacts, oid: str, above: ObjectFact | None) -> str | None:
    if above is not None and above.oid.count(".") >= LEAST_SHARED - 2:
        return f"{above.module}{BETWEEN}{above.name}{oid[len(above.oid) :]}"
    near = facts.neighbour(oid.rpartition(".")[0])
    shared = shared_arcs(near.oid, oid) if near else 0
    if near is None or shared < LEAST_SHARED:
        return None
    rest = ".".join(oid.split(".")[shared:])
    return f"{near.module}{BETWEEN}{ELLIPSIS}.{rest}"
