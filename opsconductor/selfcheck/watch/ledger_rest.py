"""The end of a run's ledger, kept in a file when PostgreSQL is away at the stop."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from opsconductor.store.ledger import LedgerRow

FILE = "ledger-rest.json"


class LedgerRest(NamedTuple):
    """What the next run stores for the one before it."""

    run_id: UUID
    stopped_at: datetime
    rows: Sequence[LedgerRow]


def write_rest(path: Path, rest: LedgerRest) -> None:
    """Replace the file.

    Raises:
        OSError: The disk is full or fails.
    """
    rows = [(row.minute.isoformat(), *row[1:]) for row in rest.rows]
    document = {"run_id": str(rest.run_id), "stopped_at": rest.stopped_at.isoformat(), "rows": rows}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(document), encoding="utf-8")
    fresh.replace(path)


def read_rest(path: Path) -> LedgerRest | None:
    """Return what the file holds; None: there is none, or it is damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        rows = [LedgerRow(datetime.fromisoformat(minute), *others) for minute, *others in document["rows"]]
        return LedgerRest(UUID(document["run_id"]), datetime.fromisoformat(document["stopped_at"]), rows)
    except (OSError, ValueError, KeyError, TypeError):
        return None
