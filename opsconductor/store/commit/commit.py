"""Writing of the engine's changes with a timeout: in one transaction, or a few of them with one statement.

Writing the same changes twice is the same as writing them once. A post with one alert costs five round trips
to PostgreSQL in a transaction with a statement for each table, or eight if its alert is new.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import NamedTuple

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable, Unanswered
from opsconductor.guard import guarded_data
from opsconductor.model.aside import reason_of
from opsconductor.model.changes import Changes
from opsconductor.store.commit import rows
from opsconductor.store.commit.salvage import salvage
from opsconductor.store.commit.write import SQL, UPDATE_ALERTS, last_of_each, write
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres.connection import translated

Write = Callable[[Changes], Awaitable[None]]
GiveUp = Callable[[], Awaitable[None]]


async def nothing_is_left() -> None:
    """Do nothing: the default, for stores whose writes have ended when they fail."""


class BoundedWrite:
    """Writes with a timeout, one at a time: none begins while an earlier one may still be committed.

    A write whose answer is lost may be committed all the same, also later, once its server process
    continues. Before the next one it has to have ended, or is given up: then it can never overtake a newer
    one, and writing the same again changes nothing.

    Args of the constructor:
        give_up: Returns once no write that was sent before can be committed any more.
    """

    def __init__(self, write: Write, give_up: GiveUp = nothing_is_left) -> None:
        self._write = write
        self._give_up = give_up
        self._running: asyncio.Task[None] | None = None
        self._is_in_doubt = False

    async def __call__(self, changes: Changes, within_s: float) -> None:
        """Return when the changes are committed.

        Raises:
            StoreUnavailable: PostgreSQL is away or did not answer in time; also when a write that timed out
                earlier is still in progress.
            StoreRejected: PostgreSQL rejects the data itself.
        """
        if self._running is not None:
            await self._wait_for(self._running, within_s)
        running = self._running = asyncio.create_task(self._begin(changes), name="write")
        try:
            await self._wait_for(running, within_s)
        except (StoreUnavailable, asyncio.CancelledError):
            running.cancel()
            running.add_done_callback(_listen)
            raise
        self._running = None
        running.result()

    async def _wait_for(self, task: asyncio.Task[None], within_s: float) -> None:
        done, _ = await asyncio.wait({task}, timeout=within_s)
        if not done:
            raise Unanswered(f"the database did not answer within {within_s:g} s")

    async def _begin(self, changes: Changes) -> None:
        if self._is_in_doubt:
            await self._give_up()
        self._is_in_doubt = True
        try:
            await self._write(changes)
        except StoreRejected:
            self._is_in_doubt = False
            raise
        self._is_in_doubt = False


def _listen(task: asyncio.Task[None]) -> None:
    """Retrieve the exception of a write that timed out, which nothing else awaits."""
    if not task.cancelled():
        task.exception()


async def give_up_writes(pool: FencedPool) -> None:
    """Return once nothing can be committed any more that was sent in sessions opened before.

    Raises:
        StoreUnavailable: That is not certain yet; try again.
    """
    with translated():
        await pool.give_up_sessions()


async def commit(pool: asyncpg.Pool, changes: Changes) -> None:
    """Write changes: all of them or, if this raises, none.

    If PostgreSQL rejects a part, everything else is written unchanged, and the rejected part as far as
    possible (see `salvage`).

    Raises:
        StoreUnavailable: PostgreSQL is away or something on the server needs repair; try again.
    """
    try:
        with translated():
            async with pool.acquire() as connection:
                if is_small(changes):
                    await write_small(connection, changes)
                    return
                async with connection.transaction():
                    await write(connection, changes)
    except StoreRejected:
        await salvage(pool, changes)


MOST_ROWS = 48
"""Maximum number of rows: from about here on COPY is cheaper, round trips included."""
UNORDERED = frozenset(
    {"created", "updated", "repeated", "history", "archive", "keys", "reported", "triggered_rules"}
)
"""Fields of `Changes` that a statement of parts without order can write."""
NOT_STORED = frozenset({"raw_data", "unmatched_clears", "folded"})
"""Fields that have no rows of their own."""
OTHERS = tuple({each.name for each in fields(Changes)} - UNORDERED - NOT_STORED)
"""Fields that need a transaction, among them every one that is not known here."""
PARAMETER = re.compile(r"\$(\d+)")

STATEMENTS = {
    **SQL,
    "update_alerts": UPDATE_ALERTS,
    "create_alerts": SQL["create_alerts"].format(columns=", ".join(rows.CREATED_COLUMNS)),
}


class StatementPart(NamedTuple):
    """A statement of `commit.sql` and its arguments."""

    name: str
    arguments: Sequence[object]


def is_small(changes: Changes) -> bool:
    """Return True if one statement can write the changes.

    The parts of a statement have no order. So what must be written in order needs a transaction:
    alerts that end before those that begin, notifications one after another.
    """
    if any(getattr(changes, name) for name in OTHERS) or (changes.created and changes.updated):
        return False
    amount = len(changes.created) + len(changes.updated) + len(changes.repeated)
    if max(amount, len(changes.history), len(changes.archive), len(changes.reported)) > MOST_ROWS:
        return False
    return len({alert.status.is_open for alert in changes.updated}) < 2  # noqa: PLR2004 - all end, or none


async def write_small(connection: asyncpg.Connection, changes: Changes) -> None:
    """Write changes for which `is_small` is True; the statement is its own transaction.

    Raises:
        asyncpg.PostgresError: As PostgreSQL reports; created alerts and history must not exist yet.
        StoreRejected: A value does not fit into its column.
    """
    with guarded_data() as making:
        parts = list(_parts(changes))
    if making.error is not None:
        raise StoreRejected(reason_of(making.error)) from making.error
    if parts:
        arguments = [argument for part in parts for argument in part.arguments]
        await connection.execute(_statement(tuple(part.name for part in parts)), *arguments)


def _parts(changes: Changes) -> Iterator[StatementPart]:
    """Yield the parts of the statement: those that have rows."""
    raw_data = changes.raw_data
    if changes.updated:
        updated = [rows.updated_row(alert, rows.made(raw_data.get(alert.id))) for alert in changes.updated]
        yield StatementPart("update_alerts", (updated,))
    if changes.created:
        new = [
            rows.updated_row(alert, rows.made_or_empty(raw_data.get(alert.id))) for alert in changes.created
        ]
        yield StatementPart("create_alerts", (new,))
    if changes.repeated:
        yield _columns("repeat_alerts", [rows.repeat_row(alert, raw_data) for alert in changes.repeated])
    if changes.history:
        yield StatementPart("add_history", ([rows.history_row(entry) for entry in changes.history],))
    if changes.archive:
        yield _columns("add_archive", map(rows.archive_row, changes.archive))
    if changes.keys:
        yield _columns("add_keys", map(rows.keys_row, changes.keys))
    if changes.reported:
        yield _columns("add_reported_keys", map(rows.reported_row, last_of_each(changes.reported)))
    if changes.triggered_rules:
        fired = changes.triggered_rules
        yield StatementPart("trigger_rules", (list(fired), list(fired.values())))


def _columns(name: str, made: Iterable[rows.Row]) -> StatementPart:
    return StatementPart(name, tuple(zip(*made, strict=True)))


@cache
def _statement(names: tuple[str, ...]) -> str:
    """Return the statement of these parts, their parameters numbered from the first to the last."""
    parts, shift = [], 0
    for name in names:
        code = _code(STATEMENTS[name])
        parts.append(f"{name} AS (\n{_renumbered(code, shift)}\n)")
        shift += max(int(number) for number in PARAMETER.findall(code))
    return f"WITH {', '.join(parts)}\nSELECT"


def _code(text: str) -> str:
    """Return a statement without its comment lines, which mention parameters too."""
    return "\n".join(line for line in text.rstrip(";").splitlines() if not line.startswith("--"))


def _renumbered(code: str, shift: int) -> str:
    return PARAMETER.sub(lambda found: f"${int(found[1]) + shift}", code)
