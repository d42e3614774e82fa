"""The installed connector types: ours, and those of other packages by entry point."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.config.provision.rows import ConnectorTypes
from opsconductor.connector.checking.conformance import checked_type
from opsconductor.connector.connector_type import ConnectorType
from opsconductor.connector.interface import Role
from opsconductor.errors import ContractError
from opsconductor.guard import guarded

ENTRY_POINTS = "opsconductor.connectors"


class KnownTypes(Mapping[str, ConnectorType]):
    """Our types, each imported and checked on first use, and those of other packages.

    Args of the constructor:
        others: Types of other packages; they cannot replace ours.
    """

    def __init__(self, others: Mapping[str, ConnectorType]) -> None:
        self._by_role: tuple[Mapping[str, ConnectorType], ...] = (SOURCES, INVENTORIES, CHANNELS)
        self._names = {*SOURCES, *INVENTORIES, *CHANNELS, *others}
        self._loaded = {name: found for name, found in others.items() if self._ours(name) is None}

    def __getitem__(self, name: str) -> ConnectorType:
        """Return a type.

        Raises:
            KeyError: There is none of this name.
            ContractError: It violates the contract.
        """
        found = self._loaded.get(name)
        if found is None:
            ours = self._ours(name)
            if ours is None:
                raise KeyError(name)
            found = self._loaded[name] = checked_type(ours[name], "connectors")
        return found

    def __contains__(self, name: object) -> bool:
        """Return True if there is a type of this name, without importing it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Yield the names, without importing anything."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return the number of types."""
        return len(self._names)

    def _ours(self, name: str) -> Mapping[str, ConnectorType] | None:
        return next((types for types in self._by_role if name in types), None)


@cache
def installed_types() -> ConnectorTypes:
    """Return every type, and which of them are channels; ours cannot be replaced by others."""
    return types_of(entry_points(group=ENTRY_POINTS))


def types_of(third_party: Iterable[EntryPoint]) -> ConnectorTypes:
    """Load the types of other packages beside ours; one that cannot be loaded is kept with the reason."""
    ours = {*SOURCES, *INVENTORIES, *CHANNELS}
    others: dict[str, ConnectorType] = {}
    broken: dict[str, str] = {}
    found = [entry for entry in third_party if entry.name not in ours]
    values = {entry.name: sorted(each.value for each in found if each.name == entry.name) for entry in found}
    for entry in found:
        with guarded() as loading:
            if len(packages := values[entry.name]) > 1:
                raise ContractError(f"several packages have it ({', '.join(packages)}): keep one")
            loaded = checked_type(entry.load(), entry.value)
            if loaded.name != entry.name:
                raise ContractError(f"its name is {loaded.name!r}: name its entry point the same")
            others[entry.name] = replace(loaded, is_third_party=True)
        if loading.error is not None:
            broken[entry.name] = f"{str(loading.error) or type(loading.error).__name__} ({entry.value})"
    channels = {name for name, other in others.items() if other.role is Role.CHANNEL}
    return ConnectorTypes(known=KnownTypes(others), channels=frozenset({*CHANNELS, *channels}), broken=broken)


def load_types(names: Iterable[str]) -> None:
    """Import those types now which are not imported yet: that may take a tenth of a second each."""
    known = installed_types().known
    for name in names:
        known.get(name)
