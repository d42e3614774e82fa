"""A dependency between devices, by ids instead of addresses."""

from collections.abc import Iterable
from typing import NamedTuple

from connectors.netbox.rows import clean
from opsconductor.model.enums import DependencyType


class FoundInventory(NamedTuple):
    """One device or virtual machine needs another; by ids as in `Machine`."""

    device: int
    provider: int
    kind: DependencyType
    confidence: float
    description: str
    via: tuple[str, ...] = ()


def summary_of(parts: Iterable[str]) -> str:
    """Describe how a dependency was found: the first way in full, and the number of others."""
    first, *others = parts
    return clean(f"{first}, and {len(others)} more" if others else first)
