"""Datasets: which known faults are found, in all dimensions and in two, and what a large file costs.

Run with `python -m tests.benchmarks.bench_datasets`.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from opsconductor.datasets.analysis.outcome import RowLevel, read_rows
from opsconductor.datasets.analysis.run import analyse
from opsconductor.datasets.analysis.settings import AnalysisSettings
from opsconductor.datasets.reading.table import DataFile, read_files
from tests.support.series.planted import FEATURES, lines_of, process

ROWS, BASELINE, SEEDS = 4_000, 2_000, (1, 2, 3, 4, 5)
LARGE_MB = 200
NOISE = 0.4
LARGE = "--large"

Change = Callable[[np.ndarray, int], None]
"""Changes a feature of some rows."""


def step(rows: np.ndarray, at: int) -> None:
    """Add a constant error of ten standard deviations of the noise."""
    rows[:, at] += 10 * 10 * NOISE


def drift(rows: np.ndarray, at: int) -> None:
    """Add an error that grows to twenty standard deviations of the noise."""
    rows[:, at] += np.linspace(0, 20, len(rows)) * 10 * NOISE


def stuck(rows: np.ndarray, at: int) -> None:
    """Repeat the first value."""
    rows[:, at] = rows[0, at]


def scaled(rows: np.ndarray, at: int) -> None:
    """Halve the sensitivity."""
    rows[:, at] = 50 + (rows[:, at] - 50) / 2


def swapped(rows: np.ndarray, at: int) -> None:
    """Exchange two features, as mixed-up cables do."""
    other = (at + 7) % FEATURES
    rows[:, [at, other]] = rows[:, [other, at]]


def noisy(rows: np.ndarray, at: int) -> None:
    """Add noise of six standard deviations."""
    rows[:, at] += np.random.default_rng(at).normal(size=len(rows)) * 6 * 10 * NOISE


FAULTS: tuple[tuple[str, Change], ...] = (
    ("step", step),
    ("drift", drift),
    ("stuck", stuck),
    ("half sensitivity", scaled),
    ("two exchanged", swapped),
    ("noise", noisy),
)
FIRST, LENGTH = 2_500, 100


def planted(seed: int, change: Change) -> tuple[np.ndarray, int]:
    """Return a process with one fault, and the feature that has it."""
    values = process(ROWS, (), seed=seed, noise=NOISE)
    at = seed * 11 % FEATURES
    change(values[FIRST : FIRST + LENGTH], at)
    return values, at


def in_two_dimensions(values: np.ndarray) -> np.ndarray:
    """Return which rows are out of the ordinary by their distance in the first two components."""
    base = values[:BASELINE]
    center, scale = base.mean(axis=0), base.std(axis=0)
    z = (values - center) / scale
    _, sizes, axes = np.linalg.svd(z[:BASELINE], full_matrices=False)
    places = z @ axes[:2].T / (sizes[:2] / np.sqrt(BASELINE))
    distance = np.linalg.norm(places, axis=1)
    return distance > np.quantile(distance[:BASELINE], 0.99)


def in_all_dimensions(values: np.ndarray, folder: Path) -> tuple[np.ndarray, dict[int, str]]:
    """Return which rows an analysis calls anomalous, and the feature that it blames first, by row."""
    source = folder / "values.csv"
    source.write_text("".join(lines_of(values)))
    read_files([DataFile(name="values", path=source)], folder, lambda _share: None)
    outcome = analyse(folder, folder, AnalysisSettings(), lambda _share, _step: None)
    levels = np.concatenate([part["level"] for _, part in read_rows(folder)])
    blamed = {row.row - 1: row.features[0].name for row in outcome.rows if row.features}
    return levels == RowLevel.ANOMALOUS, blamed


def compare() -> None:
    """Print what is found by kind of fault."""
    print(f"{FEATURES} features, {BASELINE} rows of baseline, {LENGTH} faulty rows, seeds {SEEDS}")
    print("rows that are found; of these with the right feature first; false alarms (1 % are allowed)")
    print(f"{'fault':18} {'found':>12} {'right feature':>14} {'false':>7} | {'2-D':>9} {'false':>7}")
    whole = []
    for name, change in FAULTS:
        mean = np.mean([_shares(change, seed) for seed in SEEDS], axis=0)
        whole.append(mean)
        _print_row(name, mean)
    _print_row("all", np.mean(whole, axis=0))


def _print_row(name: str, mean: np.ndarray) -> None:
    found, right, false, flat, flat_false = mean
    print(f"{name:18} {found:12.1%} {right:14.1%} {false:7.2%} | {flat:9.1%} {flat_false:7.2%}")


def _shares(change: Change, seed: int) -> list[float]:
    """Return the shares of one fault, in the order of the table."""
    values, at = planted(seed, change)
    truth = np.zeros(ROWS, bool)
    truth[FIRST : FIRST + LENGTH] = True
    with tempfile.TemporaryDirectory() as folder:
        found, blamed = in_all_dimensions(values, Path(folder))
    flat = in_two_dimensions(values)
    names = {f"f_{at}", f"f_{(at + 7) % FEATURES}"} if change is swapped else {f"f_{at}"}
    hits = np.flatnonzero(found & truth)
    right = float(np.mean([blamed.get(int(row)) in names for row in hits])) if hits.size else 0.0
    ordinary = (np.arange(ROWS) >= BASELINE) & ~truth
    return [
        float(found[truth].mean()),
        right,
        float(found[ordinary].mean()),
        float(flat[truth].mean()),
        float(flat[ordinary].mean()),
    ]


def read_large() -> None:
    """Print time and memory of reading and analysing one large file, in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "large.csv"
        block = "".join(list(lines_of(process(4_000, ())))[1:])
        with source.open("w") as file:
            file.write(next(lines_of(process(1, ()))))
            while file.tell() < LARGE_MB * 1_000_000:
                file.write(block)
        started = time.perf_counter()
        read = read_files([DataFile(name="large", path=source)], folder, lambda _share: None)
        middle = time.perf_counter()
        analyse(folder, folder, AnalysisSettings(), lambda _share, _step: None)
        ended = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{LARGE_MB} MB of CSV, {read.index.rows:,} rows: read in {middle - started:.1f} s, analysed in "
        f"{ended - middle:.1f} s, at most {memory:.0f} MiB of memory"
    )


def main() -> None:
    """Print both tables; the large file in a process of its own, whose memory is its own."""
    if LARGE in sys.argv:
        read_large()
        return
    compare()
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_datasets", LARGE], check=True)


if __name__ == "__main__":
    main()
