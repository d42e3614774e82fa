"""Row filters as conditions on alerts, in memory and in SQL: the one place that decides who sees an alert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.model.alert import Alert
from opsconductor.model.row_filter import texts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RowClause:
    """A condition on an alert: it is of one of the devices, or has one of the tags or values itself.

    Attributes:
        devices: Keys of devices, as alerts have them.
        custom_field: Name of the custom field that has one of `values`; empty: none.
    """

    devices: frozenset[str]
    tag: frozenset[str] = frozenset()
    custom_field: str = ""
    values: frozenset[str] = frozenset()

    def has(self, alert: Alert) -> bool:
        """Return whether an alert meets the condition."""
        if (alert.device_ip or alert.device_name or "") in self.devices:
            return True
        if not self.tag.isdisjoint(alert.tags):
            return True
        found = texts_of(alert.custom_fields.get(self.custom_field)) if self.custom_field else ()
        return not self.values.isdisjoint(found)

    def documents(self) -> Sequence[Mapping[str, object]]:
        """Return documents one of which `custom_fields` contains: with a value, or a list that has it."""
        found: list[Mapping[str, object]] = []
        for text in sorted(self.values):
            same: list[object] = [text]
            if text in ("true", "false"):
                same.append(text == "true")
            elif text.removeprefix("-").isdecimal() and str(int(text)) == text:
                same.append(int(text))
            found += [{self.custom_field: value} for value in same]
            found += [{self.custom_field: [value]} for value in same]
        return found


RowConditions = tuple[tuple[tuple[RowClause, ...], ...], ...]
"""Groups of filters of clauses: all groups hold; of a group any filter does; of a filter all clauses do."""


def meets(alert: Alert, conditions: RowConditions) -> bool:
    """Return whether an alert is among the rows; without conditions every alert is."""
    return all(any(all(clause.has(alert) for clause in clauses) for clauses in group) for group in conditions)


def devices_of(conditions: RowConditions) -> frozenset[str] | None:
    """Return the keys of the devices all of whose alerts are among the rows; None: every device."""
    groups = [
        frozenset[str]().union(
            *(frozenset.intersection(*(each.devices for each in clauses)) for clauses in group if clauses)
        )
        for group in conditions
        if all(group)
    ]
    return frozenset.intersection(*groups) if groups else None
