"""The process of one job, and what it writes."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from opsconductor.child_process import kill

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "opsconductor.datasets.worker")
LONGEST_LINE = 16 * 1024 * 1024
LONGEST_ERROR = 2_000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")
"""Variables of the environment that the process gets; the daemon's own may hold secrets."""

Note = Callable[[float, str], Awaitable[None]]


async def run_worker(
    request: Mapping[str, Any], note: Note, worker: Sequence[str] = WORKER
) -> Mapping[str, Any]:
    """Run a job to its end; the process ends with this coroutine, however that ends.

    Args:
        note: Called with progress.

    Returns:
        `done`, or `failed` with the reason.
    """
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD
    process = await asyncio.create_subprocess_exec(
        *worker,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    answer: Mapping[str, Any] = {}
    try:
        # standard input stays open: the process takes its end for the end of the daemon
        process.stdin.write(json.dumps(request).encode() + b"\n")
        async for line in process.stdout:
            said = json.loads(line)
            if "share" in said:
                await note(said["share"], said["step"])
            else:
                answer = said
        await process.wait()
    finally:
        await kill(process)
        complaints = await errors
    if not answer:
        shown = complaints[-LONGEST_ERROR:].decode(errors="replace")
        log.error("a job of a dataset failed", extra={"error": shown})
        answer = {"failed": f"the process ended with status {process.returncode}: the daemon's log has more"}
    return answer
