"""The process that reads and analyses: `python -m opsconductor.datasets.worker`.

The daemon starts one for each job, with low priority. It reads the request from standard input as one line
of JSON, and writes lines of JSON to standard output: progress, then that it is done, or why it failed. It
ends when the daemon does, since its standard input is closed then. It opens no socket and no other file
than those of the request.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import numpy as np

from opsconductor.datasets.analysis.run import analyse
from opsconductor.datasets.analysis.settings import AnalysisSettings, BaselineKind, CannotAnalyse
from opsconductor.datasets.matrix import INDEX, LINES, TIMES
from opsconductor.datasets.reading.faults import UnreadableFile
from opsconductor.datasets.reading.table import DataFile, read_files

NICENESS = 10
STEP = 0.01
"""Smallest progress that is reported."""
OUTCOME = "outcome.json"

Write = Callable[[Mapping[str, object]], None]


def read_job(request: Mapping[str, Any], write: Write) -> None:
    """Read the files of a dataset into a matrix."""
    files = [DataFile(name=each["name"], path=Path(each["path"])) for each in request["files"]]
    try:
        read = read_files(files, Path(request["out"]), _reporter(write, "reading"))
    except UnreadableFile as error:
        write({"failed": str(error), "fault": error.fault.document()})
        return
    index = read.index
    write(
        {
            "done": {
                "rows": index.rows,
                "features": len(index.features),
                "faults": [fault.document() for fault in read.faults],
                "fault_total": read.fault_total,
                "remarks": list(read.remarks),
            }
        }
    )


def analyse_job(request: Mapping[str, Any], write: Write) -> None:
    """Analyse a matrix; the outcome is a file beside that of all rows."""
    matrix, out = Path(request["matrix"]), Path(request["out"])
    for name in (INDEX, TIMES, LINES):  # they name the rows of the outcome when the files are read anew
        os.link(matrix / name, out / name)
    report = _stepper(write)
    try:
        outcome = analyse(matrix, out, settings_of(request["settings"]), report)
    except CannotAnalyse as error:
        write({"failed": str(error)})
        return
    (out / OUTCOME).write_text(json.dumps(outcome.document(), allow_nan=False))
    write({"done": {}})


JOBS: Mapping[str, Callable[[Mapping[str, Any], Write], None]] = {"read": read_job, "analyse": analyse_job}


def settings_of(given: Mapping[str, Any]) -> AnalysisSettings:
    """Return settings by their JSON form."""
    return AnalysisSettings(
        **{
            **given,
            "baseline_kind": BaselineKind(given["baseline_kind"]),
            "features": tuple(given["features"]),
            "excluded": tuple(given["excluded"]),
        }
    )


def _reporter(write: Write, step: str) -> Callable[[float], None]:
    report = _stepper(write)
    return lambda share: report(share, step)


def _stepper(write: Write) -> Callable[[float, str], None]:
    """Return a function that writes progress when there is some."""
    written = (-1.0, "")

    def report(share: float, step: str) -> None:
        nonlocal written
        if share - written[0] >= STEP or step != written[1]:
            written = (share, step)
            write({"share": round(share, 3), "step": step})

    return report


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Do one job."""

    def write(line: Mapping[str, object]) -> None:
        answers.write(json.dumps(line).encode() + b"\n")
        answers.flush()

    request = json.loads(requests.readline())
    Thread(target=_end_with_daemon, args=(requests.fileno(),), daemon=True).start()
    limit = int(request["memory_bytes"])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with np.errstate(all="ignore"):
            JOBS[request["job"]](request, write)
    except MemoryError:
        write({"failed": f"it needs more than {limit // 2**20} MiB (datasets.job_memory): use fewer columns"})


def _end_with_daemon(requests: int) -> None:
    """End the process when the daemon has ended, however that happened: nothing more is ever sent."""
    os.read(requests, 1)
    os._exit(1)


if __name__ == "__main__":
    os.umask(0o077)
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
