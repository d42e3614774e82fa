"""Verification of the audit log: every entry is there and unchanged."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import asyncpg

from opsconductor.store.postgres.connection import transaction
from opsconductor.store.queries import load

SQL = load("access/audit")

ENTRIES_AT_ONCE = 2_000
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """Outcome of a verification.

    Attributes:
        entries: Number of entries that were read.
        pruned: Number of the last entry that retention has deleted; 0: none.
        head: Number and hash of the newest entry, to keep elsewhere: `12:9f86d0...`.
        faults: What is missing or changed; empty: the log is intact. At most `MOST_FAULTS`.
    """

    entries: int
    pruned: int
    head: str
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Chain:
    """The chain as far as it has been read."""

    seq: int
    hash: str
    known: str = ""
    entries: int = 0

    def follow(self, row: asyncpg.Record) -> Iterator[str]:
        """Read the next entry; yield what is wrong with it."""
        missing = row["seq"] - self.seq - 1
        if missing:
            yield f"{_entries(self.seq + 1, row['seq'] - 1)} missing"
        elif row["hash"] != sha256(f"{self.hash}{row['text']}".encode()).hexdigest():
            yield f"entry {row['seq']} has been changed"
        if self.known and self.known.partition(":")[0] == str(row["seq"]):
            if self.known != f"{row['seq']}:{row['hash']}":
                yield f"entry {row['seq']} is not the one that was noted"
            self.known = ""
        self.seq, self.hash = row["seq"], row["hash"]
        self.entries += 1


async def verify_audit_log(database: asyncpg.Pool, known_head: str = "") -> AuditVerdict:
    """Read the whole audit log and check its chain.

    Args:
        known_head: A head that was noted before; the log must contain it, unless retention has deleted it.
    """
    faults: list[str] = []
    async with transaction(database) as connection:
        head = await connection.fetchrow(SQL["head"])
        chain = _Chain(head["pruned_seq"], head["pruned_hash"], known_head)
        while rows := await connection.fetch(SQL["hashed"], chain.seq, ENTRIES_AT_ONCE):
            for row in rows:
                faults += chain.follow(row)
    if chain.seq < head["seq"]:
        faults.append(f"{_entries(chain.seq + 1, head['seq'])} missing")
    elif chain.seq == head["seq"] and chain.hash != head["hash"]:
        faults.append(f"entry {chain.seq} is not the newest one")
    if chain.known and int(chain.known.partition(":")[0]) > head["pruned_seq"]:
        faults.append(f"entry {chain.known.partition(':')[0]}, which was noted, is missing")
    return AuditVerdict(
        entries=chain.entries,
        pruned=head["pruned_seq"],
        head=f"{chain.seq}:{chain.hash}",
        faults=tuple(faults[:MOST_FAULTS]),
    )


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
