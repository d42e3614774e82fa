"""The spool's file: its name, tables, statements, and how it is opened."""

import os
import sqlite3
from pathlib import Path

from opsconductor.errors import StoreRejected

FILE_NAME = "spool.db"
VERSION = 1
LOCK_WAIT_S = 5.0
"""A daemon that is just stopping may still hold the file."""

PRAGMAS = (
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    # FULL: a commit has reached the disk when it returns
    "synchronous = FULL",
    # Debian's SQLite overwrites what is deleted with zeros unless told otherwise
    "secure_delete = OFF",
    "temp_store = MEMORY",
)

# AUTOINCREMENT: a position is never used again, not even after all entries are gone.
TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE entries (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    appended_at INTEGER NOT NULL,  -- microseconds since 1970, UTC
    weight      INTEGER NOT NULL,  -- rows in PostgreSQL
    body        BLOB NOT NULL      -- see changes_codec.py
);
CREATE TABLE rejected (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    appended_at INTEGER NOT NULL,
    rejected_at INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    body        BLOB NOT NULL
);
PRAGMA user_version = {VERSION};
COMMIT;
"""

APPEND = "INSERT INTO entries (appended_at, weight, body) VALUES (?, ?, ?)"
OLDEST = "SELECT position, appended_at, weight, body FROM entries WHERE position > ? ORDER BY position"
REMOVE = "DELETE FROM entries WHERE position <= ?"
MEASURE = "SELECT count(*), coalesce(sum(length(body)), 0) FROM entries WHERE position > ? AND position <= ?"
FIRST = "SELECT appended_at FROM entries WHERE position > ? ORDER BY position LIMIT 1"
REJECT = "INSERT INTO rejected (appended_at, rejected_at, reason, body) VALUES (?, ?, ?, ?)"
COUNT_REJECTED = "SELECT count(*) FROM rejected"
REJECTED_BYTES = "SELECT coalesce(sum(length(body)), 0) FROM rejected"
DROP_OLDEST_REJECTED = "DELETE FROM rejected WHERE position = (SELECT min(position) FROM rejected)"


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or make it, and check that it is whole.

    Raises:
        sqlite3.Error: See `spool_repair.is_damage` for what it means.
        StoreRejected: A newer version has written the file.
    """
    _refuse_lonely_log(path)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _check(connection, path)
    except (sqlite3.Error, StoreRejected):
        connection.close()
        raise
    sync_folder(path)
    return connection


def _refuse_lonely_log(path: Path) -> None:
    """Keep SQLite from throwing away the log of a database that is gone or empty."""
    log = files(path)[1]
    if (path.stat().st_size if path.exists() else 0) == 0 and log.exists() and log.stat().st_size:
        raise sqlite3.DatabaseError("the database is gone, only its log is left")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        connection.executescript(TABLES)
    elif version > VERSION:
        raise StoreRejected(
            f"{path} was written by a newer version of OpsConductor (format {version}, this one knows "
            f"{VERSION}): start that version until the spool is drained, or move the file away"
        )
    elif version != VERSION:
        raise sqlite3.DatabaseError("the file holds something else than a spool")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def files(path: Path) -> list[Path]:
    """Name the database and what SQLite keeps beside it."""
    return [path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))]


def inodes(path: Path) -> list[int]:
    """Tell which files these are; it changes when someone removes or replaces one of them."""
    database, log = files(path)[:2]
    return [file.stat().st_ino if file.exists() else 0 for file in (database, log)]


def sync_folder(path: Path) -> None:
    """Make sure that the file's name survives a power cut too."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
