"""The process of a job: bounded memory, and its end with the daemon."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from opsconductor.app.analysing.process import run_worker
from opsconductor.datasets.worker import OUTCOME
from tests.support.series.planted import lines_of, process

MEMORY = 256 * 1024 * 1024
SETTINGS = {
    "baseline_kind": "share",
    "baseline_value": 0.5,
    "explained_variance": 0.95,
    "false_alarm_rate": 0.01,
    "warning_rate": 0.05,
    "t2_limit": None,
    "spe_limit": None,
    "features": [],
    "excluded": [],
}


async def unnoted(_share: float, _step: str) -> None:
    """Ignore progress."""


def reading(source: Path, out: Path) -> dict[str, Any]:
    """Return the request that reads a file."""
    out.mkdir()
    files = [{"name": source.name, "path": str(source)}]
    return {"job": "read", "out": str(out), "memory_bytes": MEMORY, "files": files}


async def test_a_large_file_is_read_and_analysed_in_little_memory(tmp_path: Path) -> None:
    """A file of 25 megabytes takes less than 256 MiB."""
    source, matrix, out = tmp_path / "large.csv", tmp_path / "matrix", tmp_path / "out"
    block = list(lines_of(process(2_000, ()), with_time=False))
    source.write_text("".join([block[0], *block[1:] * 33]))
    read = await run_worker(reading(source, matrix), unnoted)
    assert read["done"]["rows"] == 66_000
    out.mkdir()
    request = {"matrix": str(matrix), "out": str(out), "memory_bytes": MEMORY, "settings": SETTINGS}
    assert await run_worker({"job": "analyse", **request}, unnoted) == {"done": {}}
    assert json.loads((out / OUTCOME).read_text())["summary"]["rows"] == 66_000


async def test_the_process_ends_when_the_daemon_is_gone(tmp_path: Path) -> None:
    """Closing its standard input ends it in the middle of its work."""
    source = tmp_path / "endless.csv"
    source.write_text("".join(lines_of(process(20_000, ()), with_time=False)))
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "opsconductor.datasets.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(reading(source, tmp_path / "out")).encode() + b"\n")
    await worker.stdout.readline()
    worker.stdin.close()
    assert await worker.wait() == 1


async def test_a_process_that_is_cancelled_ends_at_once(tmp_path: Path) -> None:
    """Cancelling the job kills the process."""
    worker = (sys.executable, "-c", "import time; time.sleep(600)")
    task = asyncio.create_task(run_worker({"job": "read", "out": str(tmp_path)}, unnoted, worker))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=20)
    assert task.cancelled()
