"""Sending of files in parts, with progress; what has arrived is not sent again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from opsconductor.cli.terminal.api_client import ApiClient, DaemonAway
from opsconductor.model.text import printable

PART_BYTES = 8 * 1024 * 1024
TRIES = 5
RETRY_S = 2.0

Json = dict[str, Any]


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show progress on a terminal, on standard error; elsewhere nothing."""
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        yield bar


async def send_file(client: ApiClient, dataset: str, path: Path, bar: Progress) -> Json:
    """Send a file to a dataset; a part that does not get through is sent again."""
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise click.ClickException(f"{path} is empty")
    body = {"dataset": dataset, "filename": path.name, "size": size}
    upload: Json = (await client.post("/uploads", body))["data"]
    task = bar.add_task(printable(path.name), total=size)
    tries = TRIES
    with path.open("rb") as file:
        while upload["status"] == "receiving":
            offset = upload["received"]
            file.seek(offset)
            part = await asyncio.to_thread(file.read, PART_BYTES)
            if not part:
                raise click.ClickException(f"{path} has become shorter while it was sent")
            try:
                upload = await client.put(f"/uploads/{upload['id']}", part, query=[("offset", str(offset))])
                tries = TRIES
            except DaemonAway:
                tries -= 1
                if not tries:
                    raise
                await asyncio.sleep(RETRY_S)
                upload = (await client.get(f"/uploads/{upload['id']}"))["data"]
            bar.update(task, completed=upload["received"])
    return upload
