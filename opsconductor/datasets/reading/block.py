"""Rows of cells to blocks of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.reading.columns import ColumnPlan, number_of
from opsconductor.datasets.reading.faults import DataFault, FaultList, shown
from opsconductor.datasets.reading.rows import Record

Floats = npt.NDArray[np.float64]
LARGEST = 1e30
"""Larger values do not fit into 32 bits together with their differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBlock:
    """Some rows.

    Attributes:
        values: Rows by columns of numbers; NaN: no value.
        times: Seconds since 1970; NaN: none.
        lines: Line of each row in its file.
    """

    values: Floats
    times: Floats
    lines: npt.NDArray[np.uint32]


class BlockReader:
    """Converts rows of one file; cells that are no numbers are faults and have no value."""

    def __init__(self, file: str, plan: ColumnPlan, decimal: str, faults: FaultList) -> None:
        self._file = file
        self._plan = plan
        self._decimal = decimal
        self._faults = faults
        self._at = plan.numbers
        self._cells = itemgetter(*self._at) if len(self._at) > 1 else None

    def convert(self, records: Sequence[Record]) -> tuple[NumberBlock, npt.NDArray[np.int64]]:
        """Return the block, and how many cells of each column were no numbers."""
        wrong = np.zeros(len(self._at), np.int64)
        rows = [self._numbers(line, row, wrong) for line, row in records]
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * len(self._at))
        values = flat.reshape(len(rows), len(self._at))
        self._drop_infinite(values, records, wrong)
        times = np.array([self._time(line, row) for line, row in records], np.float64)
        lines = np.array([line for line, _ in records], np.uint32)
        return NumberBlock(values=values, times=times, lines=lines), wrong

    def _numbers(self, line: int, row: Sequence[str], wrong: npt.NDArray[np.int64]) -> Sequence[float]:
        cells: Sequence[str] = self._cells(row) if self._cells else [row[at] for at in self._at]
        if self._decimal == ".":
            try:
                return list(map(float, cells))
            except ValueError:
                pass
        return [self._number(line, place, cell, wrong) for place, cell in enumerate(cells)]

    def _number(self, line: int, place: int, cell: str, wrong: npt.NDArray[np.int64]) -> float:
        if not cell:
            return np.nan
        try:
            return number_of(cell, self._decimal)
        except ValueError:
            wrong[place] += 1
            self._fault(line, self._at[place], shown(cell), "a number")
            return np.nan

    def _drop_infinite(self, values: Floats, records: Sequence[Record], wrong: npt.NDArray[np.int64]) -> None:
        for row, place in np.argwhere(np.abs(values) > LARGEST):
            line, cells = records[row]
            wrong[place] += 1
            self._fault(line, self._at[place], shown(cells[self._at[place]]), f"a number below {LARGEST:g}")
            values[row, place] = np.nan

    def _time(self, line: int, row: Sequence[str]) -> float:
        plan = self._plan
        if plan.time_index is None or plan.parse_time is None:
            return np.nan
        cell = row[plan.time_index]
        try:
            return plan.parse_time(cell)
        except ValueError:
            self._fault(line, plan.time_index, shown(cell.strip()), "a time as in the other rows")
            return np.nan

    def _fault(self, line: int, at: int, found: str, expected: str) -> None:
        column = self._plan.names[at]
        self._faults.add(DataFault(file=self._file, line=line, column=column, found=found, expected=expected))
