"""The process of an evaluation: `python -m opsconductor.app.detecting.versions.trial_worker`.

The daemon starts one for each, with low priority. It reads the request from standard input as one line of
JSON, and writes lines of JSON to standard output: progress, then the scores, or why there are none. It ends
when the daemon does, since its standard input is closed then.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, Final

import numpy as np

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.trial.planting import CannotTry, plant
from opsconductor.detect.trial.replaying import LabelledSpan, TrialPoints
from opsconductor.detect.trial.scoring import Trial, tried

NICENESS: Final = 10
STEP: Final = 0.01
"""Smallest progress that is reported."""
Write = Callable[[Mapping[str, object]], None]


def evaluate(request: Mapping[str, Any], write: Write) -> None:
    """Try the hyperparameters of the candidate and those in production on the same points."""
    with np.load(Path(request["points"])) as stored:
        points = TrialPoints(stored["series"], stored["times"], stored["values"])
    labels = [LabelledSpan(*each) for each in request["labels"]]
    judged_from = float(request["judged_from"])
    rng = np.random.default_rng(request["seed"])
    try:
        planted = plant(rng, points, judged_from, labels)
    except CannotTry as error:
        write({"failed": str(error)})
        return
    trial = Trial(points, planted, labels, judged_from)
    done: dict[str, object] = {"planted": len(planted.spans)}
    for number, name in enumerate(("candidate", "production")):
        note = _progress(write, number / 2, f"replay of the {name}")
        done[name] = tried(trial, DetectorConfig(**request[name]), note)
    write({"done": done})


def _progress(write: Write, begun: float, step: str) -> Callable[[float], None]:
    """Return a function that writes progress of one half when there is some."""
    written = -1.0

    def note(share: float) -> None:
        nonlocal written
        if share - written >= STEP:
            written = share
            write({"share": round(begun + share / 2, 3), "step": step})

    return note


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Do one evaluation."""

    def write(line: Mapping[str, object]) -> None:
        answers.write(json.dumps(line).encode() + b"\n")
        answers.flush()

    request = json.loads(requests.readline())
    Thread(target=_end_with_daemon, args=(requests.fileno(),), daemon=True).start()
    evaluate(request, write)


def _end_with_daemon(requests: int) -> None:
    """End the process when the daemon has ended, however that happened: nothing more is ever sent."""
    os.read(requests, 1)
    os._exit(1)


if __name__ == "__main__":
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
