"""Feedback: after one click a kind is quiet for 30 days; other kinds on the same series are still found."""

import argparse

import numpy as np

from opsconductor.detect.channels import Stage
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.feedback import Feedback
from opsconductor.detect.findings import Findings
from tests.benchmarks.detect.fleet import MONDAY_S
from tests.benchmarks.detect.injected import usual
from tests.benchmarks.detect.kinds import Grid, Values, quantised, temperature, traffic, wandering

INTERVAL_S = 900.0
PER_DAY = 96
CLEAN_DAYS, DAYS = 21, 52
REPEAT_DAYS = range(CLEAN_DAYS, DAYS - 1, 3)
"""Days of the event that people judge false once, at the same hour."""
OTHERS = {"dip": (25, 4), "flatline": (28, 40), "missing": (34, 40), "shift down": (40, 60)}
"""Day and length in samples of the others, twelve hours away from it."""
MIN_RARITY = 2.0


def draw(seed: int, count: int) -> tuple[Values, Values]:
    """Return values with all events, and the sample of the day of the event of each series."""
    rng = np.random.default_rng(seed)
    hours = np.arange(DAYS * PER_DAY) * INTERVAL_S / 3600
    grid = Grid(count=count // 4, hours=hours, interval_s=INTERVAL_S)
    values = np.concatenate([kind(rng, grid) for kind in (temperature, traffic, quantised, wandering)])
    hour = rng.integers(8, 80, len(values))
    for row, sample in enumerate(hour.tolist()):
        mean, large = usual(values[row, : CLEAN_DAYS * PER_DAY], PER_DAY)
        size = 4 * max(large, 3 * mean)
        for day in REPEAT_DAYS:
            values[row, day * PER_DAY + sample : day * PER_DAY + sample + 3] += size * rng.uniform(0.8, 1.2)
        for kind, (day, length) in OTHERS.items():
            start = day * PER_DAY + (sample + PER_DAY // 2) % PER_DAY
            part = slice(start, start + length)
            if kind in ("dip", "shift down"):
                values[row, part] -= size
            else:
                values[row, part] = np.nan if kind == "missing" else values[row, start - 1]
    return values, hour


def found_by(values: Values, hour: Values, *, clicks: bool) -> tuple[int, dict[str, int]]:
    """Return how often the event was reported after the first time, and how many of the others were."""
    detector, feedback = Detector(DetectorConfig()), Feedback()
    clicked: set[int] = set()
    repeats: set[tuple[int, int]] = set()
    others: dict[str, set[int]] = {kind: set() for kind in OTHERS}
    for column in range(values.shape[1]):
        rows = np.flatnonzero(np.isfinite(values[:, column])).astype(np.int32)
        at = MONDAY_S + column * INTERVAL_S
        found = detector.step(rows, np.full(len(rows), at), values[rows, column])
        for each in (found, detector.silent(at)):
            for row in np.flatnonzero(each.stage != Stage.END).tolist():
                series = int(each.series[row])
                event = column - int(hour[series])
                day, late = event // PER_DAY, event % PER_DAY
                if day < CLEAN_DAYS or not _is_reported(feedback, each, row, column):
                    continue
                if day in REPEAT_DAYS and late < PER_DAY // 4:
                    if series in clicked:
                        repeats.add((series, day))
                    if clicks and series not in clicked:
                        hour_of_day = column % PER_DAY // 4
                        feedback.false_positive(
                            series, each.rarities[row], each.directions[row], hour_of_day, at
                        )
                    clicked.add(series)
                for kind, (start, length) in OTHERS.items():
                    begin = start * PER_DAY + (int(hour[series]) + PER_DAY // 2) % PER_DAY
                    if begin <= column <= begin + length + 12:
                        others[kind].add(series)
    return len(repeats), {kind: len(each) for kind, each in others.items()}


def _is_reported(feedback: Feedback, findings: Findings, row: int, column: int) -> bool:
    """Return whether a finding is reported in spite of feedback."""
    at = MONDAY_S + column * INTERVAL_S
    hour = column % PER_DAY // 4
    series = int(findings.series[row])
    return (
        feedback.remaining(series, findings.rarities[row], findings.directions[row], hour, at)[0]
        >= MIN_RARITY
    )


def main() -> None:
    """Print repeats and others, without and with the click."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--series", type=int, default=200)
    chosen = parser.parse_args()
    values, hour = draw(chosen.seed, chosen.series)
    print(
        f"seed {chosen.seed}, {len(values)} series, {len(REPEAT_DAYS)} events on each in 30 days, one judged"
    )
    for clicks in (False, True):
        repeats, others = found_by(values, hour, clicks=clicks)
        print(f"{'with' if clicks else 'without'} the click: repeated {repeats} times, others found {others}")


if __name__ == "__main__":
    main()
