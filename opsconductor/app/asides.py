"""What was set aside: listed, shown, removed, and put through the intake again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from opsconductor.api.dependencies import RetriedAside
from opsconductor.api.handlers.inbound_webhooks import committed
from opsconductor.api.interfaces.alerts import LiveAlerts
from opsconductor.connector.context import Count
from opsconductor.connector.interface import Emit, Source
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.guard import guarded
from opsconductor.model.address import canonical_address
from opsconductor.model.aside import AsideKind, reason_of
from opsconductor.model.event import RawEvent
from opsconductor.model.masking import known_secrets
from opsconductor.store.aside import (
    AsideContent,
    AsideRow,
    find_aside,
    forget_aside,
    list_aside,
    set_reason,
    settle_aside,
)
from opsconductor.store.postgres.connection import Pool

NOT_RETRIED = {
    AsideKind.CHANGE: "an old decision must not replace the present state of its alert",
    AsideKind.NOTIFICATION: "it was given up; the next change of its alert is notified as usual",
}
RESTART = "the engine loads it when the daemon starts: systemctl restart opsconductor"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAsides:
    """The table `set_aside`, and re-submission to the intake.

    Attributes:
        sources: The running sources by connector name.
        engine: Returns the current engine.
    """

    pool: Pool
    sources: Callable[[], Mapping[str, Source]]
    engine: Callable[[], LiveAlerts]
    emit: Emit
    count_of: Callable[[str], Count]

    async def list(self, *, kind: str, origin: str, part: str, most: int) -> Sequence[AsideRow]:
        """Return what was set aside, latest first; raises StoreUnavailable."""
        return await list_aside(self.pool, kind=kind, origin=origin, part=part, most=most)

    async def find(self, aside_id: UUID) -> AsideContent | None:
        """Return one row with its content; raises StoreUnavailable."""
        return await find_aside(self.pool, aside_id)

    async def forget(self, aside_id: UUID, by: str) -> bool:
        """Delete one row; return False if there is none; raises StoreUnavailable."""
        return await forget_aside(self.pool, aside_id, by)

    async def retry(self, row: AsideContent, by: str) -> RetriedAside:
        """Process one row again; it is removed if that succeeds, else it stays with its new reason.

        Raises:
            StoreUnavailable: PostgreSQL is away, or the queue was full too long.
        """
        match row.kind:
            case AsideKind.EVENT:
                return await self._retry_event(row, by)
            case AsideKind.ALERT:
                return await self._retry_alert(row, by)
        return RetriedAside(refusal=NOT_RETRIED[row.kind])

    async def _retry_event(self, row: AsideContent, by: str) -> RetriedAside:
        source = self.sources().get(row.origin)
        if source is None:
            return RetriedAside(refusal=f"no connector {row.origin!r} runs")
        if not row.is_whole:
            kept = (
                f"{len(row.content):,} of its {row.size:,} bytes are kept" if row.size else "it was not kept"
            )
            return RetriedAside(refusal=f"the message is not there: {kept}")
        peer = row.subject if canonical_address(row.subject) else ""
        raw = RawEvent(
            connector=row.origin,
            payload=row.content,
            received_at=row.at,
            peer=peer,
            local="" if peer else row.subject,
        )
        with guarded() as trying:
            source.normalize(raw)
        if trying.error is not None:
            reason = words(trying.error)
            await set_reason(self.pool, row.id, reason)
            return RetriedAside(reason=reason)
        await committed([raw], self.emit, self.count_of(row.origin))
        return await self._settled(row, by)

    async def _retry_alert(self, row: AsideContent, by: str) -> RetriedAside:
        """Remove the row of an alert that the engine holds by now; the alert itself was never touched."""
        if self.engine().get(UUID(row.subject)) is None:
            return RetriedAside(refusal=f"the engine does not hold this alert; {RESTART}")
        return await self._settled(row, by)

    async def _settled(self, row: AsideContent, by: str) -> RetriedAside:
        if await settle_aside(self.pool, row, by):
            return RetriedAside()
        now = await find_aside(self.pool, row.id)
        return RetriedAside(reason="" if now is None else now.reason)


def words(error: Exception) -> str:
    """Return why a message cannot be normalized."""
    is_foreseen = isinstance(error, DecodeError | NormalizeError)
    return known_secrets.hide(str(error)) if is_foreseen else reason_of(error)
