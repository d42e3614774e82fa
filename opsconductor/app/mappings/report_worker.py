"""The process that makes a report on mappings: `python -m opsconductor.app.mappings.report_worker`.

The daemon starts it with low priority, so that reading the archive takes nothing from its event loop. It
reads the request from standard input and writes the report, or why there is none, to standard output.
"""

import asyncio
import json
import os
import pickle
import sys
from typing import BinaryIO

from opsconductor.app.mappings.report import ReportLimits, make_report
from opsconductor.config.settings import Settings
from opsconductor.errors import ConfigError, StoreError

NICENESS = 10


def answer(request: bytes) -> bytes:
    """Return the report as JSON; `failed` holds the reason when there is none."""
    settings, limits = pickle.loads(request)  # noqa: S301 - written by the daemon that started this process
    assert isinstance(settings, Settings)
    assert isinstance(limits, ReportLimits)
    try:
        report = asyncio.run(make_report(settings, limits, lambda _number: None))
    except (ConfigError, StoreError, TimeoutError) as error:
        return json.dumps({"failed": str(error) or "the database takes too long"}).encode()
    return json.dumps(report.document()).encode()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request."""
    answers.write(answer(requests.read()))
    answers.flush()


if __name__ == "__main__":
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
