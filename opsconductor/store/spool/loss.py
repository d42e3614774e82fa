"""Missing entries of the spool: detected by their numbers, counted, and recorded in a note."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from opsconductor.store.spool.mark import DurableMark


class LossReports(NamedTuple):
    """Number of reports in all entries before one, and in it."""

    before: int
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLoss:
    """Entries of the spool that were written and acknowledged, and cannot be read any more.

    Attributes:
        first, last: Their numbers.
        reports: Number of reports in them.
    """

    first: int
    last: int
    reports: int

    @property
    def entries(self) -> int:
        """Number of missing entries."""
        return self.last - self.first + 1

    def note(self, folder: Path) -> Path:
        """Return the path of the note about missing entries; deleting it confirms them."""
        return folder / f"lost-{self.first:016d}-{self.last:016d}.json"


def missing(mark: DurableMark, found: Mapping[int, LossReports]) -> Sequence[SpoolLoss]:
    """Return the gaps between drained and written entries.

    Args:
        found: The readable entries, by number, in order.
    """
    losses: list[SpoolLoss] = []
    number, reports = mark.drained, mark.drained_reports
    for next_number, (before, within) in found.items():
        if next_number > number + 1:
            losses.append(SpoolLoss(first=number + 1, last=next_number - 1, reports=max(0, before - reports)))
        number, reports = next_number, before + within
    if mark.written > number:
        lost = max(0, mark.written_reports - reports)
        losses.append(SpoolLoss(first=number + 1, last=mark.written, reports=lost))
    return losses


def write_note(folder: Path, loss: SpoolLoss) -> bool:
    """Write the note about missing entries; return False if it exists already."""
    note = loss.note(folder)
    if note.exists():
        return False
    text = json.dumps({**asdict(loss), "entries": loss.entries}, indent=1) + "\n"
    file = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)
    return True


def read_notes(folder: Path) -> Sequence[SpoolLoss]:
    """Return the missing entries of notes that are still there; unreadable notes are left out."""
    losses = []
    for note in sorted(folder.glob("lost-*.json")):
        try:
            stated = json.loads(note.read_bytes())
            losses.append(SpoolLoss(first=stated["first"], last=stated["last"], reports=stated["reports"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return losses
