"""What is done about a damaged spool file: read what can be read, move the file aside, go on.

A crash at any moment is survived: the new file is complete before the damaged one gets out of the way,
and `settle` finishes at the next start what was interrupted.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from opsconductor.store import spool_schema as schema

DAMAGE = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_ERROR,  # our statements are right: the tables are not ours
    }
)
UNREADABLE = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})
PRIMARY = 0xFF
PAGE_BYTES = 4096
HEAD_BYTES = 100
MOST_POSITIONS = 5_000_000
"""Entries that are looked for one by one; far more than fit below the spool's limit of bytes."""

LIMITS = (
    "SELECT max(position) FROM entries",
    "SELECT seq FROM sqlite_sequence WHERE name = 'entries'",
)
ONE = "SELECT position, appended_at, weight, body FROM entries WHERE position = ?"
REJECTED = "SELECT appended_at, rejected_at, reason, body FROM rejected ORDER BY position"
COPY = "INSERT INTO entries (position, appended_at, weight, body) VALUES (?, ?, ?, ?)"

Row = tuple[object, ...]


def is_damage(error: Exception) -> bool:
    """Tell damage of the file from a full disk, a lock, missing rights and the like."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return type(error) is sqlite3.DatabaseError  # our own check found it
    return code & PRIMARY in DAMAGE or code in UNREADABLE


def open_unchecked(path: Path) -> sqlite3.Connection:
    """Open a damaged file without looking into it.

    What is cut off is filled up with zeros: SQLite reads nothing at all of a file that is too short,
    and throws away the log of one that is empty.
    """
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        head = file.read(HEAD_BYTES)
        file.truncate(max(PAGE_BYTES, path.stat().st_size, _size_told(head)))
    connection = sqlite3.connect(path, timeout=schema.LOCK_WAIT_S, isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection


def _size_told(head: bytes) -> int:
    """Read from its head how long a database should be; 0: it does not tell.

    Source:
        https://sqlite.org/fileformat2.html, section 1.3.
    """
    if len(head) < HEAD_BYTES or not head.startswith(b"SQLite format 3\0"):
        return 0
    page = int.from_bytes(head[16:18])
    return (65_536 if page == 1 else page) * int.from_bytes(head[28:32])


def refill(path: Path, source: sqlite3.Connection, after: int) -> int:
    """Copy what can be read into a new file beside the damaged one.

    Args:
        source: The damaged file.
        after: Entries up to this position are not needed any more.

    Returns:
        How many entries were saved.

    Raises:
        sqlite3.OperationalError: There is no room for the new file.
    """
    fresh = _fresh(path)
    for file in schema.files(fresh):
        file.unlink(missing_ok=True)
    with closing(schema.connect(fresh)) as target:
        target.execute("BEGIN IMMEDIATE")
        with target:
            target.executemany(schema.REJECT, _readable(source, REJECTED, [()]))
            last = _last_position(source)
            positions = range(max(after, last - MOST_POSITIONS) + 1, last + 1)
            return target.executemany(COPY, _readable(source, ONE, zip(positions))).rowcount


def settle(path: Path) -> None:
    """Put a new file, once complete, in the place of the one that is out of the way.

    A log without its database is removed then: SQLite would take it for the new one's.
    """
    fresh = _fresh(path)
    if path.exists():
        for file in schema.files(fresh):
            file.unlink(missing_ok=True)
    elif fresh.exists():
        for file in schema.files(path):
            file.unlink(missing_ok=True)
        fresh.rename(path)
    schema.sync_folder(path)


def move_aside(path: Path, why: str, at: datetime) -> Path:
    """Rename the file, and what SQLite keeps beside it, to `spool.db.<why>-<time>`.

    The database goes first: without it the others mean nothing, while it would be an older state
    without them.
    """
    aside = path.with_name(f"{path.name}.{why}-{at:%Y%m%dT%H%M%S.%fZ}")
    for old, new in zip(schema.files(path), schema.files(aside), strict=True):
        with suppress(FileNotFoundError):
            old.rename(new)
    schema.sync_folder(path)
    return aside


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _last_position(source: sqlite3.Connection) -> int:
    found = [0]
    for statement in LIMITS:
        with suppress(sqlite3.Error, TypeError):
            found.append(int(source.execute(statement).fetchone()[0]))
    return max(found)


def _readable(source: sqlite3.Connection, statement: str, keys: Iterable[tuple[int, ...]]) -> Iterator[Row]:
    """Read rows until the first that cannot be read, for each key anew."""
    for key in keys:
        with suppress(sqlite3.Error):
            yield from (row for row in source.execute(statement, key) if None not in row)
