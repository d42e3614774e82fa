"""Result of an import: each module complete, in part, or not at all, with the reasons."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from opsconductor.mib.facts import NotificationFact, NotificationText, ObjectFact


class Completeness(StrEnum):
    """Completeness of a module."""

    WHOLE = "whole"
    IN_PART = "in part"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingNames:
    """Names that a module needs and that nothing defines.

    Attributes:
        source: Module from which they are imported; empty when from none.
    """

    source: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledModule:
    """One module with its facts.

    Attributes:
        source: File that it was read from.
        updated: LAST-UPDATED as `YYYYMMDDhhmm`; empty when there is none.
        form: As `form.encode` writes it.
        skipped: Names of definitions that could not be read.
        faults: Why.
        texts: Prose of its notifications by name; empty for a module that was stored before.
        is_new: It was read now; others are linked again because of those that were.
    """

    name: str
    source: str
    updated: str
    form: bytes
    skipped: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    missing: tuple[MissingNames, ...] = ()
    notifications: tuple[NotificationFact, ...] = ()
    objects: tuple[ObjectFact, ...] = ()
    texts: Mapping[str, NotificationText] = field(default_factory=dict)
    is_new: bool = True

    @property
    def completeness(self) -> Completeness:
        """Return whether anything is missing."""
        return Completeness.IN_PART if self.skipped or self.missing else Completeness.WHOLE

    @property
    def object_count(self) -> int:
        """Return the number of objects, without nodes."""
        return sum(bool(fact.syntax) for fact in self.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModule:
    """A module that was imported before.

    Attributes:
        form: As `form.encode` wrote it.
    """

    name: str
    source: str
    updated: str
    form: bytes
    skipped: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedFile:
    """A file, or a module of it, that was refused as a whole."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherVersion:
    """A module that was skipped in favour of another version.

    Attributes:
        kept: File of the version that is used, with its date.
    """

    name: str
    source: str
    updated: str
    kept: str
    kept_updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Result of an import.

    Attributes:
        modules: The imported ones, and those stored before.
        ignored: Files that are not MIB modules.
    """

    modules: tuple[CompiledModule, ...]
    failed: tuple[FailedFile, ...] = ()
    other_versions: tuple[OtherVersion, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import has done.

    Attributes:
        changed: Modules that were written, because they are new or because their facts have changed.
    """

    compilation: Compilation
    changed: int

    @property
    def modules(self) -> list[CompiledModule]:
        """Return the modules that were read now."""
        return [each for each in self.compilation.modules if each.is_new]


def document_of(outcome: ImportOutcome) -> dict[str, object]:
    """Return the report of an import, ready for JSON."""
    found, modules = outcome.compilation, outcome.modules
    return {
        "modules": len(modules),
        "whole": sum(each.completeness is Completeness.WHOLE for each in modules),
        "notifications": sum(len(each.notifications) for each in modules),
        "objects": sum(each.object_count for each in modules),
        "changed": outcome.changed,
        "incomplete": [
            {
                "module": each.name,
                "source": each.source,
                "missing": [asdict(missing) for missing in each.missing],
                "skipped": each.skipped,
                "faults": each.faults,
            }
            for each in modules
            if each.completeness is Completeness.IN_PART
        ],
        "failed": [asdict(each) for each in found.failed],
        "other_versions": [asdict(each) for each in found.other_versions],
        "ignored": found.ignored,
    }
