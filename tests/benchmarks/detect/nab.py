"""Numenta Anomaly Benchmark: one threshold for all files, chosen on one half of them, reported on the other.

The data is not part of this repository: give the folder that holds `data` and `labels` of numenta/NAB.
"""

import argparse
import csv
import datetime as dt
import hashlib
import json
from pathlib import Path

import numpy as np

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from tests.benchmarks.detect.nab_scorer import PROFILES, Labelled, Scores, score

LEAST_DAYS = 3.0
"""Values that are usual once in as many days are ignored."""


def seconds(text: str) -> float:
    """Return a time of the files, which have no zone, in seconds since 1970."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def read(folder: Path) -> list[Labelled]:
    """Read all files and their windows."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    files = []
    for name in sorted(labels):
        with (folder / "data" / name).open() as lines:
            rows = [(seconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]
        times = np.array([at for at, _ in rows])
        windows = []
        for begin, end in labels[name]:
            inside = np.flatnonzero((times >= seconds(begin)) & (times <= seconds(end)))
            windows.append((int(inside[0]), int(inside[-1])))
        values = np.array([value for _, value in rows])
        files.append(Labelled(name=name, times=times, values=values, windows=tuple(windows)))
    return files


def detect(files: list[Labelled]) -> Scores:
    """Return the rarity of each row, in log10 of days."""
    detector = Detector(DetectorConfig(open_days=LEAST_DAYS))
    detector.grow(len(files))
    scores = {file.name: np.full(len(file.values), -np.inf, np.float32) for file in files}
    for row in range(max(len(file.values) for file in files)):
        series = np.array([n for n, file in enumerate(files) if row < len(file.values)], dtype=np.int32)
        times = np.array([files[each].times[row] for each in series.tolist()])
        values = np.array([files[each].values[row] for each in series.tolist()])
        detector.step(series, times, values)
        for each in series.tolist():
            scores[files[each].name][row] = detector.state.fields["rarity"][each]
    return scores


def first_half(name: str) -> bool:
    """Return whether a file is of the half that the threshold is chosen on."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def best_threshold(files: list[Labelled], scores: Scores) -> float:
    """Return the threshold with the best standard score."""
    present = np.unique(np.concatenate([np.round(scores[file.name], 2) for file in files]))
    tried = [float(each) for each in present[present > 0]] + [np.inf]
    return max(tried, key=lambda each: score(files, scores, each, PROFILES[0]))


def report(name: str, files: list[Labelled], scores: Scores) -> None:
    """Print the three scores with the threshold of all, and with that of one half on the other."""
    halves = [[file for file in files if first_half(file.name) == each] for each in (True, False)]
    whole = best_threshold(files, scores)
    print(f"{name:<9} whole, threshold {whole:.2f}:", _scores(files, scores, whole))
    for chosen, other, which in ((*halves, "second"), (*halves[::-1], "first")):
        threshold = best_threshold(chosen, scores)
        print(
            f"{'':<9} {which} half ({len(other)} files), threshold {threshold:.2f} of the other:",
            _scores(other, scores, threshold),
        )


def _at_random(rng: np.random.Generator, files: list[Labelled]) -> Scores:
    """Return a random score for each row."""
    return {file.name: rng.random(len(file.values)) for file in files}


def _scores(files: list[Labelled], scores: Scores, threshold: float) -> str:
    """Return the scores of all profiles as text."""
    return "  ".join(f"{each.name} {score(files, scores, threshold, each):.1f}" for each in PROFILES)


def main() -> None:
    """Read, detect, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", action="store_true", help="print each file")
    chosen = parser.parse_args()
    files = read(chosen.folder)
    scores = detect(files)
    report("detector", files, scores)
    rng = np.random.default_rng(chosen.seed)
    report("random", files, _at_random(rng, files))
    report("null", files, {file.name: np.zeros(len(file.values)) for file in files})
    if chosen.files:
        threshold = best_threshold(files, scores)
        for file in files:
            print(
                f"{file.name:<60} {score([file], scores, threshold, PROFILES[0]) if file.windows else 0:7.1f}"
            )


if __name__ == "__main__":
    main()
