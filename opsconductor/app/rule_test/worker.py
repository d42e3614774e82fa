"""The process that tests rules for the API: `python -m opsconductor.app.rule_test.worker`.

The daemon starts it with low priority, so that a test takes nothing from its event loop. It reads the
request from standard input, and writes lines of JSON to standard output: progress, then the result or why
there is none.
"""

import asyncio
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO

from opsconductor.app.rule_test.document import document_of
from opsconductor.app.rule_test.testing import Report, RuleTestProgress, RuleTestRequest, run_rule_test
from opsconductor.config.settings import Settings
from opsconductor.errors import ConfigError, StoreError

NICENESS = 10
PROGRESS_EVERY_S = 0.2

Write = Callable[[Mapping[str, object]], None]


def answer(request: bytes, write: Write) -> None:
    """Test, and write progress and result; `failed` holds the reason when there is none."""
    settings, wanted = pickle.loads(request)  # noqa: S301 - written by the daemon that started this process
    assert isinstance(settings, Settings)
    assert isinstance(wanted, RuleTestRequest)
    try:
        outcome = asyncio.run(run_rule_test(settings, wanted, _reporter(write)))
    except (ConfigError, StoreError, TimeoutError) as error:
        write({"failed": str(error) or "the database takes too long"})
        return
    write({"result": document_of(wanted, outcome)})


def _reporter(write: Write) -> Report:
    """Return a function that writes progress at intervals."""
    written_s = 0.0

    def report(progress: RuleTestProgress) -> None:
        nonlocal written_s
        now_s = time.monotonic()
        if now_s - written_s >= PROGRESS_EVERY_S:
            written_s = now_s
            write(
                {
                    "share": round(progress.share, 4),
                    "at": progress.at.isoformat(),
                    "events": progress.events,
                }
            )

    return report


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request."""

    def write(line: Mapping[str, object]) -> None:
        answers.write(json.dumps(line).encode() + b"\n")
        answers.flush()

    answer(requests.read(), write)


if __name__ == "__main__":
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
