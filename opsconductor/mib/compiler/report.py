"""Result of an import: each module complete, in part, or not at all, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """A file, or a module of it, of which nothing could be kept."""

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
