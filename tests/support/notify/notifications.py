"""Small invented notifications, to show one rule of derivation at a time."""

from collections.abc import Sequence

from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derive.modules import derive
from opsconductor.mib.facts import IndexPart, NotificationFact, NotificationText, ObjectFact, ObjectReference

ROOT = "1.3.6.1.4.1.99999"


class Module:
    """A module of invented notifications; OIDs are given in order."""

    def __init__(self, name: str = "ACME-MIB") -> None:
        self.name = name
        self.objects: dict[str, ObjectFact] = {}
        self.notifications: list[tuple[NotificationFact, NotificationText]] = []

    def scalar(
        self,
        name: str,
        syntax: str = "OCTET STRING",
        *,
        labels: str = "",
        units: str = "",
        convention: str = "",
    ) -> str:
        """Add an object outside of tables, and return its name.

        Args:
            labels: Names of the values of its enumeration, from 1.
        """
        return self._add(name, syntax, labels, units=units, convention=convention)

    def column(
        self, name: str, index: str, syntax: str = "INTEGER", *, labels: str = "", convention: str = ""
    ) -> str:
        """Add a column of a table with this index, and return its name.

        Args:
            index: Names of the parts of the index, separated by spaces.
        """
        parts = tuple(IndexPart(name=part, syntax="INTEGER") for part in index.split())
        return self._add(name, syntax, labels, index=parts, convention=convention)

    def _add(
        self,
        name: str,
        syntax: str,
        labels: str,
        *,
        units: str = "",
        convention: str = "",
        index: tuple[IndexPart, ...] = (),
    ) -> str:
        oid = f"{ROOT}.1.{len(self.objects) + 1}.1"
        self.objects[name] = ObjectFact(
            oid=oid,
            name=name,
            module=self.name,
            syntax="INTEGER" if labels else syntax,
            convention=convention,
            enumeration=tuple(enumerate(labels.split(), start=1)),
            units=units,
            index=index,
        )
        return name

    def notification(self, name: str, *objects: str, text: str = "", severity: str = "") -> None:
        """Add a notification with objects that were added before."""
        references = tuple(ObjectReference(other, self.objects[other].oid) for other in objects)
        oid = f"{ROOT}.0.{len(self.notifications) + 1}"
        annotations = (("SEVERITY", severity),) if severity else ()
        self.notifications.append(
            (NotificationFact(oid, name, self.name, references), NotificationText(text, annotations))
        )

    def derived(self) -> dict[str, DerivedMapping]:
        """Derive all mappings, by name."""
        by_oid = {fact.oid: fact for fact in self.objects.values()}
        return {mapping.notification.name: mapping for mapping in derive(self.notifications, by_oid)}


def derived(names: str | Sequence[str], *, text: str = "", severity: str = "") -> dict[str, DerivedMapping]:
    """Derive the mappings of notifications that have no objects, by name."""
    module = Module()
    for name in names.split() if isinstance(names, str) else names:
        module.notification(name, text=text, severity=severity)
    return module.derived()
