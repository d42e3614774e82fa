"""Files of the spool; everything here blocks, and runs in the spool's own thread.

One process has exclusive access (`lock`): two daemons on one data directory cannot overwrite each other.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from opsconductor import metrics
from opsconductor.errors import StoreUnavailable
from opsconductor.store.spool import record as records
from opsconductor.store.spool.entry import MICROSECONDS, SpoolEntry, SpoolWaiting, entry_of, time_of
from opsconductor.store.spool.folder_lock import FolderLock
from opsconductor.store.spool.loss import SpoolLoss, missing, read_notes, write_note
from opsconductor.store.spool.mark import DurableMark, MarkFile
from opsconductor.store.spool.place import SpoolPlace, place_of
from opsconductor.store.spool.rejected import keep_rejected, rejected_files
from opsconductor.store.spool.segment import SEGMENT_BYTES, Segment, new_segment, segment_paths, sync_folder

log = logging.getLogger(__name__)

FOLDER = "spool"
BOTH_SLOTS = 2


class SpoolFile:
    """Entries in order, in files that survive a crash of the daemon.

    Every method raises StoreUnavailable when the disk is full or fails. Damaged entries are left out,
    counted by their missing numbers, and kept.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.waiting = SpoolWaiting()
        self._clock = clock
        self._mark = MarkFile(folder / "mark")
        self._lock = FolderLock(folder)
        self._segments: list[Segment] = []
        self._active: Segment | None = None
        self._places: dict[int, SpoolPlace] = {}
        self._losses: dict[Path, SpoolLoss] = {}

    @property
    def losses(self) -> Sequence[SpoolLoss]:
        """Acknowledged entries that are missing, until the note about them is deleted."""
        return [loss for note, loss in list(self._losses.items()) if note.exists()]

    def open(self) -> None:
        """Open or create the files and their folder, count waiting and missing entries.

        Raises:
            StoreRejected: A newer version of the daemon has written them.
        """
        with self._translated():
            self.folder.parent.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._lock.take()
            unreadable = self._mark.open()
            self._segments = [Segment(path) for path in segment_paths(self.folder)]
            self._losses = {loss.note(self.folder): loss for loss in read_notes(self.folder)}
            self._places = self._read_places(self._mark.mark)
            self._settle_mark(unreadable)
            self._drop_drained()
            self._count(sum(place.bytes for place in self._places.values()))
            self.waiting = replace(self.waiting, rejected=len(rejected_files(self.folder)))

    def append(self, body: bytes, weight: int, reports: int) -> None:
        """Append one entry; it is fsynced when this returns.

        Args:
            reports: Number of reports contained in the changes.
        """
        with self._translated():
            self._put_back()
            at = self._clock()
            mark = self._mark.mark
            record = records.Record(
                number=mark.written + 1,
                before=mark.written_reports,
                reports=reports,
                at_us=int(at.timestamp() * MICROSECONDS),
                weight=weight,
                body=body,
            )
            self._places[record.number] = self._write(record)
        waiting = self.waiting
        self.waiting = replace(
            waiting,
            entries=waiting.entries + 1,
            bytes=waiting.bytes + len(body),
            oldest_at=waiting.oldest_at or at,
        )

    def oldest(self, weight: int) -> list[SpoolEntry]:
        """Return entries in order: the first always, more up to a total of `weight`."""
        taken: list[SpoolEntry] = []
        damaged: list[int] = []
        with self._translated():
            for number, place in self._places.items():
                weight -= place.weight
                if taken and weight < 0:
                    break
                record = place.segment.read(place.start, place.end - place.start)
                if record is None:
                    damaged.append(number)
                else:
                    taken.append(entry_of(record))
            for number in damaged:
                place = self._places[number]
                place.segment.is_damaged = True
                self._note(SpoolLoss(first=number, last=number, reports=place.reports.within))
        self._forget(damaged)
        return taken

    def remove(self, up_to: int) -> None:
        """Remove all entries up to a position, which are now stored elsewhere; needs no disk space."""
        gone = list(takewhile(lambda number: number <= up_to, self._places))
        if not gone:
            return
        mark = replace(self._mark.mark, drained=up_to, drained_reports=sum(self._places[gone[-1]].reports))
        if len(gone) == len(self._places):
            mark = replace(mark, drained=mark.written, drained_reports=mark.written_reports)
        with self._translated():
            self._mark.write(mark)
        self._forget(gone)
        self._drop_drained()

    def reject(self, entry: SpoolEntry, reason: str, keep_bytes: int) -> None:
        """Move the oldest entry to the rejected ones, for inspection.

        Args:
            keep_bytes: Maximum size of all rejected ones; the oldest are deleted.
        """
        with self._translated():
            keep_rejected(self.folder, entry.position, f"{reason}\n".encode() + entry.body, keep_bytes)
        self.remove(entry.position)
        self.waiting = replace(self.waiting, rejected=len(rejected_files(self.folder)))

    def close(self) -> None:
        """Close the files; opening them again reads everything from the disk."""
        for segment in self._segments:
            segment.close()
        self._segments, self._active = [], None
        self._mark.close()
        self._lock.release()

    # Opening -----------------------------------------------------------------------------------

    def _read_places(self, mark: DurableMark) -> dict[int, SpoolPlace]:
        """Return every entry that is complete and not drained; of one written twice the later."""
        found: dict[int, SpoolPlace] = {}
        for segment in self._segments:
            for record, start, end in records.scan(segment.content(), segment.salt):
                segment.last = max(segment.last, record.number)
                if record.number > mark.drained:
                    found[record.number] = place_of(record, segment, start=start, end=end)
        return dict(sorted(found.items()))

    def _settle_mark(self, unreadable: int) -> None:
        """Find missing entries, and continue numbering after all that were ever written."""
        mark = self._mark.mark
        if unreadable and self._segments:
            self._log_damage("mark", "whether the last entries are missing cannot be known")
        if unreadable == BOTH_SLOTS and self._places:
            first, place = next(iter(self._places.items()))
            mark = DurableMark(drained=first - 1, drained_reports=place.reports.before)
        if self._places:
            last, place = next(reversed(self._places.items()))
            if last > mark.written:  # killed before its mark was written
                mark = replace(mark, written=last, written_reports=sum(place.reports))
        for loss in missing(mark, {number: place.reports for number, place in self._places.items()}):
            self._keep_damaged(loss)
            self._note(loss)
        # twice: both slots must be allocated on the disk before it may be full
        self._mark.write(mark)
        self._mark.write(mark)

    def _keep_damaged(self, loss: SpoolLoss) -> None:
        """Mark the segments in which the missing entries were."""
        firsts = [int(segment.path.stem.partition("-")[0]) for segment in self._segments]
        ends = [*firsts[1:], loss.last + 1] if firsts else []
        for segment, first, end in zip(self._segments, firsts, ends, strict=True):
            if first <= loss.last and loss.first < end:
                segment.is_damaged = True

    # Writing -----------------------------------------------------------------------------------

    def _write(self, record: records.Record) -> SpoolPlace:
        segment = self._active
        if segment is None or segment.end >= SEGMENT_BYTES:
            segment = self._active = new_segment(self.folder, record.number)
            self._segments.append(segment)
        before = segment.end
        try:
            start = segment.append(records.write(record, segment.salt))
            reports = record.before + record.reports
            self._mark.write(replace(self._mark.mark, written=record.number, written_reports=reports))
        except OSError:
            self._abandon(segment, before)
            raise
        segment.last = record.number
        return place_of(record, segment, start=start, end=segment.end)

    def _abandon(self, segment: Segment, end: int) -> None:
        """Write no more to a segment: after an error its content on the disk is unknown."""
        segment.end = end
        segment.cut()
        self._active = None
        if not segment.last:
            self._segments.remove(segment)
            segment.drop()

    def _put_back(self) -> None:
        """Write files again that were removed or replaced while in use."""
        lost = [segment for segment in self._segments if not segment.is_in_place()]
        if not lost and self._mark.is_in_place():
            return
        self._log_damage("files", "files were removed or replaced, they are written again")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for segment in lost:
            segment.write_anew()
        mark = self._mark.mark
        self._mark.close()
        self._mark.open()
        self._mark.write(mark)
        self._mark.write(mark)
        sync_folder(self.folder)

    def _drop_drained(self) -> None:
        """Remove drained segments; damaged ones are kept aside."""
        for segment in [each for each in self._segments if each.last <= self._mark.mark.drained]:
            segment.drop()
            self._segments.remove(segment)
            if segment is self._active:
                self._active = None

    def _forget(self, numbers: Sequence[int]) -> None:
        gone = sum(self._places.pop(number).bytes for number in numbers)
        self._count(self.waiting.bytes - gone)

    def _count(self, size: int) -> None:
        first = next(iter(self._places.values()), None)
        self.waiting = replace(
            self.waiting,
            entries=len(self._places),
            bytes=size,
            oldest_at=None if first is None else time_of(first.at_us),
        )

    # Status -------------------------------------------------------------------------------------

    def _note(self, loss: SpoolLoss) -> None:
        self._losses[loss.note(self.folder)] = loss
        if write_note(self.folder, loss):
            metrics.spool_lost.inc(loss.entries)
            metrics.spool_damaged.inc()
            log.error(
                "acknowledged changes are missing in the spool, the rest is used and the file is kept",
                extra={"path": str(self.folder), "amount": loss.entries, "reports": loss.reports},
            )

    def _log_damage(self, what: str, reason: str) -> None:
        metrics.spool_damaged.inc()
        log.error("the spool is damaged", extra={"path": f"{self.folder}/{what}", "reason": reason})

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(f"{self.folder}: {error}") from error
