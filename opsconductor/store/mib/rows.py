"""Facts of MIB modules from their rows. What many facts have in common is one value in memory."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.mib.facts import IndexPart, NotificationFact, ObjectFact, ObjectReference

Row = Mapping[str, Any]


def facts_of(
    objects: Sequence[Row], notifications: Sequence[Row]
) -> tuple[list[ObjectFact], list[NotificationFact]]:
    """Return the facts of these rows, in their order."""
    reader = _Reader()
    return [*map(reader.object, objects)], [*map(reader.notification, notifications)]


class _Reader:
    """Makes facts; equal texts, enumerations, indexes and references of several rows are made once."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._labels: dict[str, tuple[tuple[int, str], ...]] = {}
        self._indexes: dict[str, tuple[IndexPart, ...]] = {}
        self._references: dict[tuple[str, str], ObjectReference] = {}

    def object(self, row: Row) -> ObjectFact:
        """Return the fact of a row of `mib_objects`."""
        return ObjectFact(
            oid=self._one(row["oid"]),
            name=self._one(row["name"]),
            module=self._one(row["module"]),
            syntax=self._one(row["syntax"]),
            convention=self._one(row["convention"]),
            enumeration=self._enumeration(row["enumeration"]),
            units=self._one(row["units"]),
            display_hint=self._one(row["display_hint"]),
            index=self._index(row["row_index"]),
            is_accessible_for_notify_only=row["is_notify_only"],
        )

    def notification(self, row: Row) -> NotificationFact:
        """Return the fact of a row of `mib_notifications`."""
        objects = tuple(self._reference(name, oid) for name, oid in json.loads(row["objects"]))
        oid, name, module = row["oid"], row["name"], self._one(row["module"])
        return NotificationFact(oid, name, module, objects, self._one(row["vendor"]))

    def _one(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _reference(self, name: str, oid: str) -> ObjectReference:
        found = self._references.get((name, oid))
        if found is None:
            found = ObjectReference(self._one(name), self._one(oid))
            self._references[found.name, found.oid] = found
        return found

    def _enumeration(self, text: str) -> tuple[tuple[int, str], ...]:
        found = self._labels.get(text)
        if found is None:
            labels = json.loads(text)
            found = self._labels[text] = tuple((number, self._one(label)) for number, label in labels)
        return found

    def _index(self, text: str) -> tuple[IndexPart, ...]:
        found = self._indexes.get(text)
        if found is None:
            found = self._indexes[text] = tuple(IndexPart(*part) for part in json.loads(text))
        return found
