"""Scores of a detector: what it found of planted deviations and of what people have judged."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.trial.planting import Planted
from opsconductor.detect.trial.replaying import Floats, LabelledSpan, Note, Replayed, TrialPoints, replay

DIGITS = 4
Scores = dict[str, object]


class Trial(NamedTuple):
    """What detectors are tried on.

    Attributes:
        points: As stored.
        planted: The same with deviations.
        labels: What people have said, of kind `true` or `false`.
        judged_from: What is found before counts for nothing: the detector learns.
    """

    points: TrialPoints
    planted: Planted
    labels: Sequence[LabelledSpan]
    judged_from: float


def tried(trial: Trial, config: DetectorConfig, note: Note) -> Scores:
    """Return the scores of hyperparameters: two replays, of the points as stored and with deviations."""
    spans, labels = trial.planted.spans, list(trial.labels)
    clean = replay(trial.points, config, [*spans, *labels], lambda share: note(share / 2))
    planted = replay(trial.planted.points, config, spans, lambda share: note((1 + share) / 2))
    labelled = _found_in(clean, labels)
    is_true = np.array([each.kind == "true" for each in labels], np.bool_)
    found = _found_in(planted, spans)
    other = _others(planted, [*spans, *labels], trial.judged_from)
    hits = int(found.sum()) + int(labelled[is_true].sum())
    wanted = len(spans) + int(is_true.sum())
    false = other + int(labelled[~is_true].sum())
    negative = np.r_[clean.peaks[: len(spans)], clean.peaks[len(spans) :][~is_true]]
    positive = np.r_[planted.peaks, clean.peaks[len(spans) :][is_true]]
    kinds = sorted({each.kind for each in spans})
    return {
        **rates(hits, false, wanted),
        "auc": auc(positive, negative),
        "found": hits,
        "wanted": wanted,
        "false": false,
        "feedback": {
            **rates(int(labelled[is_true].sum()), int(labelled[~is_true].sum()), int(is_true.sum())),
            "true": int(is_true.sum()),
            "false": int((~is_true).sum()),
        },
        "recall_by_kind": {
            kind: _share([bool(hit) for hit, each in zip(found, spans, strict=True) if each.kind == kind])
            for kind in kinds
        },
    }


def rates(hits: int, false: int, wanted: int) -> Scores:
    """Return precision, recall and F1; None where nothing was found or expected."""
    precision = hits / (hits + false) if hits + false else None
    recall = hits / wanted if wanted else None
    total = 2 * hits + false + (wanted - hits)
    f1 = 2 * hits / total if wanted and total else None
    return {name: _rounded(each) for name, each in (("precision", precision), ("recall", recall), ("f1", f1))}


def auc(positive: Floats, negative: Floats) -> float | None:
    """Return the probability that what is wanted is rarer than what is not; half for equal ones."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    equal = np.searchsorted(ordered, positive, "right") - below
    return _rounded(float(np.mean(below + equal / 2) / len(negative)))


def _found_in(found: Replayed, spans: Sequence[LabelledSpan]) -> NDArray[np.bool_]:
    """Return which spans something was found in."""
    return np.array([bool(_inside(found, each).any()) for each in spans], np.bool_)


def _others(found: Replayed, spans: Sequence[LabelledSpan], judged_from: float) -> int:
    """Return how many findings began outside of all spans."""
    outside = found.begins & (found.times >= judged_from)
    for each in spans:
        outside &= ~_inside(found, each)
    return int(outside.sum())


def _inside(found: Replayed, span: LabelledSpan) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (
        (found.series == span.series) & (found.times >= span.start) & (found.times <= span.end)
    )
    return inside


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 2)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
