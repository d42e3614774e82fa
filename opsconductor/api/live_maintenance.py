"""Interface through which the API changes maintenance windows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

Row = Mapping[str, Any]
"""A row of `maintenance_windows`."""


class LiveMaintenance(Protocol):
    """The maintenance windows; all raise StoreUnavailable."""

    async def list(self) -> Sequence[Row]:
        """Return the windows that are not long over, by their start."""

    async def add(self, document: Row, by: str) -> Row:
        """Add a window that is declared as in a file; raises ConfigError with its faults."""

    async def move_end(self, window_id: UUID, moment: datetime, by: str) -> Row | None:
        """Set the end of a window; raises ConfigError too. None: there is no such window."""

    async def end(self, window_id: UUID, now: datetime, by: str) -> Row | None:
        """End a window now, of one that recurs its present occurrence; as `move_end`."""

    async def delete(self, window_id: UUID, by: str) -> bool:
        """Delete a window; return False if there is none."""
