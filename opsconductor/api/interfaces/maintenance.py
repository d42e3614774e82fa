"""Interface through which the API changes maintenance windows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from opsconductor.store.access.audit import Author

Row = Mapping[str, Any]
"""A row of `maintenance_windows`."""


class LiveMaintenance(Protocol):
    """The maintenance windows; all raise StoreUnavailable."""

    async def list(self) -> Sequence[Row]:
        """Return the windows that are not long over, by their start."""

    async def find(self, window_id: UUID) -> Row | None:
        """Return a window; None: there is none."""

    async def add(self, document: Row, by: Author) -> Row:
        """Add a window that is declared as in a file; raises ConfigError with its faults, RowConflict."""

    async def move_end(
        self, window_id: UUID, moment: datetime, by: Author, *, is_taking_over: bool
    ) -> Row | None:
        """Set the end of a window; raises as `add`. None: there is no such window.

        Args:
            is_taking_over: A file may declare it: it belongs to the database alone from now on.
        """

    async def end(self, window_id: UUID, now: datetime, by: Author) -> Row | None:
        """End a window now, of one that recurs its present occurrence; raises ConfigError if none is."""

    async def delete(self, window_id: UUID, by: Author, *, is_taking_over: bool) -> bool:
        """Delete a window; return False if there is none; raises RowConflict."""
