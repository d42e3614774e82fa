"""Waiting for jobs of the daemon, with progress."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from opsconductor.cli.terminal.api_client import ApiClient

LOOK_EVERY_S = 0.5
OPEN = frozenset({"waiting", "processing", "running"})

Json = dict[str, Any]


async def wait_for(client: ApiClient, path: str, job_of: Callable[[Json], Mapping[str, Any] | None]) -> Json:
    """Read a path until its job has ended; return what was read last.

    Args:
        job_of: Returns `status`, `progress` and `step` of what was read; None: no job is there yet.
    """
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("waiting", total=1.0)
        while True:
            found: Json = (await client.get(path))["data"]
            job = job_of(found)
            if job is not None:
                if job["status"] not in OPEN:
                    return found
                bar.update(task, completed=job["progress"], description=job["step"] or job["status"])
            await asyncio.sleep(LOOK_EVERY_S)
