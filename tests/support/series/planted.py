"""CSV files of a process with planted faults: 50 features that depend on six causes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

FEATURES, CAUSES = 50, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedFault:
    """A fault of some rows.

    Attributes:
        first: Index of the first row, from 0.
        shifts: By feature, in standard deviations of its own noise.
    """

    first: int
    rows: int
    shifts: Mapping[int, float]


FAULTS = (
    PlantedFault(first=1_300, rows=20, shifts={7: 12.0}),
    PlantedFault(first=1_500, rows=20, shifts={21: -10.0, 33: 10.0}),
    PlantedFault(first=1_700, rows=20, shifts={48: 12.0}),
)


def process(
    rows: int = 2_000, faults: tuple[PlantedFault, ...] = FAULTS, *, seed: int = 7, noise: float = 0.4
) -> np.ndarray:
    """Return rows by features: six slow causes, each feature a mixture of them with noise of its own."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(CAUSES, FEATURES))
    causes = np.zeros((rows, CAUSES))
    steps = rng.normal(size=(rows, CAUSES))
    for at in range(1, rows):
        causes[at] = 0.8 * causes[at - 1] + 0.6 * steps[at]
    values = causes @ weights + noise * rng.normal(size=(rows, FEATURES))
    for fault in faults:
        for feature, shift in fault.shifts.items():
            values[fault.first : fault.first + fault.rows, feature] += shift * noise
    return 50 + 10 * values


def lines_of(values: np.ndarray, *, with_time: bool = True) -> Iterator[str]:
    """Yield the lines of a CSV file, a row each second."""
    names = [f"f_{at}" for at in range(values.shape[1])]
    yield ",".join(["time", *names] if with_time else names) + "\n"
    for at, row in enumerate(values):
        cells = [f"{value:.4f}" for value in row]
        moment = f"2026-03-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z"
        yield ",".join([moment, *cells] if with_time else cells) + "\n"


def planted_csv(rows: int = 2_000, **options: object) -> bytes:
    """Return the file of a process with planted faults."""
    return "".join(lines_of(process(rows, **options))).encode()  # type: ignore[arg-type]
