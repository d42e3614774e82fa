"""Writing of a matrix part by part, with sums over its columns."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from opsconductor.datasets.matrix import LINES, TIMES, VALUES, DatasetColumn, MatrixIndex, MergedFile
from opsconductor.datasets.reading.block import NumberBlock
from opsconductor.datasets.reading.columns import ColumnKind, ColumnPlan

MOST_WRONG = 0.5
"""Share of cells that are no numbers beyond which a column counts as text."""


class MatrixWriter:
    """The files of a matrix while they are written; a context manager."""

    def __init__(self, folder: Path, plan: ColumnPlan) -> None:
        self._plan = plan
        self._streams = tuple((folder / name).open("wb") for name in (VALUES, TIMES, LINES))
        self._files: list[MergedFile] = []
        self.rows = self._first_of_file = 0
        amount = len(plan.numbers)
        self._origin: np.ndarray[tuple[int], np.dtype[np.float64]] = np.full(amount, np.nan)
        self._low, self._high = np.full(amount, np.inf), np.full(amount, -np.inf)
        self._missing, self._wrong = np.zeros(amount, np.int64), np.zeros(amount, np.int64)
        self._latest, self._in_order, self._without_time = -np.inf, True, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams:
            stream.close()

    def write(self, block: NumberBlock, wrong: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        """Write some rows.

        Args:
            wrong: Cells of each column that were no numbers.
        """
        self._note(block)
        self._wrong += wrong
        relative = (block.values - self._origin).astype("<f4")
        parts = (relative.tobytes(), block.times.tobytes(), block.lines.tobytes())
        for stream, part in zip(self._streams, parts, strict=True):
            stream.write(part)
        self.rows += len(block.lines)

    def end_file(self, name: str) -> None:
        """Note that all rows of a file are written."""
        first = self._first_of_file
        self._files.append(MergedFile(name=name, first_row=first, rows=self.rows - first))
        self._first_of_file = self.rows

    def index(self) -> MatrixIndex:
        """Return what was written."""
        number = iter(range(len(self._plan.numbers)))
        columns = [
            self._number(name, next(number))
            if kind is ColumnKind.NUMBER
            else DatasetColumn(
                name=name, kind=kind.value, missing=self._without_time if kind is ColumnKind.TIME else 0
            )
            for name, kind in zip(self._plan.names, self._plan.kinds, strict=True)
        ]
        return MatrixIndex(
            rows=self.rows,
            columns=tuple(columns),
            files=tuple(self._files),
            has_times=self._plan.time_index is not None,
            in_order=self._in_order,
        )

    def _number(self, name: str, at: int) -> DatasetColumn:
        has_values = bool(np.isfinite(self._low[at]))
        return DatasetColumn(
            name=name,
            kind=ColumnKind.NUMBER.value,
            is_text=bool(
                self._wrong[at] > MOST_WRONG * max(1, self.rows - self._missing[at] + self._wrong[at])
            ),
            missing=int(self._missing[at]),
            wrong=int(self._wrong[at]),
            low=float(self._low[at]) if has_values else None,
            high=float(self._high[at]) if has_values else None,
            origin=float(self._origin[at]) if has_values else 0.0,
        )

    def _note(self, block: NumberBlock) -> None:
        values = block.values
        absent = np.isnan(values)
        self._missing += absent.sum(axis=0)
        np.fmin(self._low, np.where(absent, np.inf, values).min(axis=0, initial=np.inf), out=self._low)
        np.fmax(self._high, np.where(absent, -np.inf, values).max(axis=0, initial=-np.inf), out=self._high)
        self._set_origin(values, absent)
        known = block.times[~np.isnan(block.times)]
        self._without_time += len(block.times) - known.size
        if known.size:
            self._in_order &= bool(known[0] >= self._latest and np.all(np.diff(known) >= 0))
            self._latest = max(self._latest, float(known.max()))

    def _set_origin(self, values: np.ndarray, absent: np.ndarray) -> None:
        """Take the first value of each column as its origin; a column without any keeps NaN for later."""
        for at in np.flatnonzero(np.isnan(self._origin)):
            present = values[~absent[:, at], at]
            if present.size:
                self._origin[at] = present[0]
