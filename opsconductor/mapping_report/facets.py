"""Facets of a trap that distinguish resources: values of variables, and instances of rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from opsconductor.mib.expression import is_oid, split_name
from opsconductor.mib.unmapped import ShownVariable, identifying

SHOWN_VALUE = 60


class Facet(NamedTuple):
    """A variable by its value, or by its instance.

    Attributes:
        oid: Of the object without instance; of an unknown object as it was sent, or its column.
        name: Of the object; empty when it is not known.
    """

    oid: str
    name: str
    is_instance: bool

    @property
    def placeholder(self) -> str:
        """The facet as resource expressions write it."""
        return f"{{{self.oid}{'#' if self.is_instance else ''}}}"

    @property
    def shown(self) -> str:
        """The facet for people."""
        name = self.name or self.oid
        return f"the row of {name}" if self.is_instance else name


class FacetValue(NamedTuple):
    """A facet with its value in one trap."""

    facet: Facet
    value: str


Identity = tuple[FacetValue, ...]
"""All facets of a trap that look like identifiers."""


def identity_of(variables: Sequence[ShownVariable]) -> Identity:
    """Return the facets that look like identifiers; not those of the system group."""
    return tuple({found.facet: found for found in _found(variables)}.values())


def _found(variables: Sequence[ShownVariable]) -> Iterable[FacetValue]:
    columns = Counter(_column(each) for each in variables)
    for each, is_instance in identifying(variables):
        if is_instance and not each.name and columns[_column(each)] > 1:
            continue
        text = each.instance if is_instance else " ".join(each.text.split())
        yield FacetValue(facet_of(each, is_instance=is_instance), text[:SHOWN_VALUE])


def facet_of(variable: ShownVariable, *, is_instance: bool) -> Facet:
    """Return a variable as a facet."""
    oid = _column(variable) if variable.name or is_instance else variable.oid
    return Facet(oid, variable.name, is_instance)


def _column(variable: ShownVariable) -> str:
    """Return the OID of a variable without its instance; of an unknown one without the last arc."""
    oid, instance = variable.oid, variable.instance
    return oid[: -len(instance) - 1] if instance and oid.endswith(f".{instance}") else oid


def filled(name: str, variables: Sequence[ShownVariable]) -> tuple[ShownVariable, str] | None:
    """Return the variable that fills a placeholder of an expression, and its text; None: it is not there."""
    stem, behind = split_name(name)
    for each in variables:
        if is_oid(stem):
            if each.oid != stem and not each.oid.startswith(f"{stem}."):
                continue
        elif each.name != stem:
            continue
        return each, each.oid[len(stem) + 1 :] if behind and is_oid(stem) else each.text
    return None
