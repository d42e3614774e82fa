"""Points, and people's judgements of them, for the evaluation of a version of the detector."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from opsconductor.detect.trial.planting import GRACE_S
from opsconductor.series.points import MS, Points
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.anomalies.models import Row

MOST_SERIES: Final = 300
MOST_POINTS: Final = 3_000_000
"""What an evaluation is limited to: some minutes of one core, and 100 MB."""
AT_ONCE: Final = 25
EARLY_S: Final = 3_600.0
"""Time before a judged anomaly within which a finding counts as that anomaly."""
LONGEST_LABEL_S: Final = 86_400.0


class TrialSpan(NamedTuple):
    """Times of a trial: what it begins and ends with, and from when on findings count."""

    start: datetime
    judged_from: datetime
    end: datetime


def span_of(now: datetime, days: int) -> TrialSpan:
    """Return the last days; in the first half the detector learns."""
    length = timedelta(days=days)
    return TrialSpan(now - length, now - length / 2, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """What a trial works on.

    Attributes:
        series: Ids; a row of the trial is the place in it.
        points: Number of points in the file.
        of_series: Number of series that there are.
        labels: As the worker takes them: row, begin, end, `true` or `false`.
    """

    series: Sequence[int]
    points: int
    of_series: int
    labels: Sequence[tuple[int, float, float, str]]


async def write_trial(
    series: SeriesStore,
    labelled: Sequence[Row],
    span: TrialSpan,
    seed: int,
    file: Path,
    note: Callable[[float], None],
) -> TrialData:
    """Write the points of a trial into a file: of series that people judged first, then of some at random."""
    known = [each.id for each in series.registry.all()]
    judged = {row["series_id"] for row in labelled if row["detected_at"] >= span.judged_from} & set(known)
    others = sorted(set(known) - judged)
    random.Random(seed).shuffle(others)  # noqa: S311 - a sample that can be drawn again
    wanted = [*sorted(judged), *others][:MOST_SERIES]
    first, last = (int(each.timestamp() * MS) for each in (span.start, span.end))
    found: dict[int, Points] = {}
    amount = 0
    for start in range(0, len(wanted), AT_ONCE):
        part = await series.points(wanted[start : start + AT_ONCE], WantedPoints(start=first, end=last))
        found |= {each: points for each, points in part.items() if len(points.times)}
        amount = sum(len(points.times) for points in found.values())
        note(start / len(wanted))
        if amount >= MOST_POINTS:
            break
    await asyncio.to_thread(_write, found, file)
    ids = list(found)
    return TrialData(series=ids, points=amount, of_series=len(known), labels=labels_of(labelled, ids, span))


def labels_of(
    labelled: Sequence[Row], ids: Sequence[int], span: TrialSpan
) -> list[tuple[int, float, float, str]]:
    """Return people's judgements as spans of the rows of a trial."""
    rows = {series: row for row, series in enumerate(ids)}
    labels = []
    for each in labelled:
        row = rows.get(each["series_id"])
        if row is None or each["detected_at"] < span.judged_from:
            continue
        began = each["detected_at"].timestamp()
        ended = each["ended_at"].timestamp() if each["ended_at"] else span.end.timestamp()
        end = min(ended, began + LONGEST_LABEL_S) + GRACE_S
        labels.append((row, began - EARLY_S, end, "true" if each["is_true"] else "false"))
    return labels


def _write(found: Mapping[int, Points], file: Path) -> None:
    columns: dict[str, Any] = {
        "series": [np.full(len(points.times), row, np.int32) for row, points in enumerate(found.values())],
        "times": [points.times / MS for points in found.values()],
        "values": [points.values for points in found.values()],
    }
    file.parent.mkdir(mode=0o700, exist_ok=True)
    whole = {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in columns.items()}
    with file.open("wb") as target:
        np.savez(target, series=whole["series"], times=whole["times"], values=whole["values"])
