"""Explanations of traps by the configuration in force, for the API."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.mappings.explanation import (
    PlaceOf,
    TrapToExplain,
    explanation_of,
    place_among,
    trap_of_event,
    trap_of_packet,
)
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import StoreUnavailable
from opsconductor.store.declared.provisioning import read_table
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.raw_events import find_event


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveExplainer:
    """Explains traps as the running daemon evaluates them; the work is done in a thread.

    Attributes:
        configuration: Returns the configuration in force.
    """

    pool: Pool
    configuration: Callable[[], Configuration]

    async def of_oid(self, trap_oid: str) -> Mapping[str, object]:
        """Explain the possible outcomes of a trap by its OID alone."""
        return await self._explained(TrapToExplain(trap_oid=trap_oid))

    async def of_event(self, wanted: UUID) -> Mapping[str, object] | None:
        """Explain a raw event, or the latest one of an alert; None: it was not kept.

        Raises:
            StoreUnavailable: PostgreSQL is away.
            DecodeError: It is no trap.
        """
        event = await find_event(self.pool, wanted)
        return None if event is None else await self._explained(trap_of_event(event))

    async def of_packet(self, payload: bytes, peer: str) -> Mapping[str, object]:
        """Explain a datagram; raises DecodeError."""
        return await self._explained(trap_of_packet(payload, peer))

    async def _explained(self, asked: TrapToExplain) -> Mapping[str, object]:
        place_of, now = await self._places(), datetime.now(UTC)
        return await asyncio.to_thread(explanation_of, asked, self.configuration(), place_of, now)

    async def _places(self) -> PlaceOf:
        """Return where own mappings are declared; with PostgreSQL away it is not known."""
        try:
            rows = await read_table(self.pool, ProvisionTable.OID_MAPPINGS)
        except StoreUnavailable:
            return place_among([])
        mappings = [(row.row, row.origin) for row in rows]
        return place_among(mappings)
