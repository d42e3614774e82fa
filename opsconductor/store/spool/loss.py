"""Which entries of the spool are missing: found by their numbers, counted, and written down for people."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from opsconductor.store.spool.mark import DurableMark


class LossReports(NamedTuple):
    """How many reports of faults are in all entries before one, and in it."""

    before: int
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLoss:
    """Entries of the spool that were written, and acknowledged, and cannot be read any more.

    Attributes:
        first, last: Their numbers.
        reports: Reports of faults that were in them.
    """

    first: int
    last: int
    reports: int

    @property
    def entries(self) -> int:
        """How many entries are missing."""
        return self.last - self.first + 1

    def note(self, folder: Path) -> Path:
        """Name the file in which people find what is missing; who deletes it has taken note."""
        return folder / f"lost-{self.first:016d}-{self.last:016d}.json"


def missing(mark: DurableMark, found: Mapping[int, LossReports]) -> Sequence[SpoolLoss]:
    """Find the gaps between what was drained and what was written.

    Args:
        found: The entries that can be read, by number, in order.
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
    """Write down what is missing; returns False when that is written down already."""
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
    """Read what earlier runs have found missing and nobody has deleted; notes of others are left out."""
    losses = []
    for note in sorted(folder.glob("lost-*.json")):
        try:
            told = json.loads(note.read_bytes())
            losses.append(SpoolLoss(first=told["first"], last=told["last"], reports=told["reports"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return losses
