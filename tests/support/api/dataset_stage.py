"""Steps of dataset tests: run the jobs of a stage, upload, analyse, wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.api.api_stage import Caller, Reply, Stage

BINARY = {"Content-Type": "application/octet-stream"}
ENDED = ("completed", "failed", "cancelled")


@asynccontextmanager
async def jobs_running(stage: Stage) -> AsyncIterator[None]:
    """Do the jobs of datasets while the context lasts."""
    task = asyncio.create_task(stage.datasets.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def new_dataset(caller: Caller, name: str = "plant", **fields: Any) -> str:
    """Create a dataset."""
    reply = await caller.post("/datasets", {"name": name, **fields})
    assert reply.status == 201, reply.body
    return str(reply.data["id"])


async def send_file(caller: Caller, dataset: str, content: bytes, name: str = "plant.csv") -> Reply:
    """Announce a file and send it in one part."""
    begun = await caller.post("/uploads", {"dataset": dataset, "filename": name, "size": len(content)})
    assert begun.status == 201, begun.body
    return await caller.ask("PUT", f"/uploads/{begun.data['id']}", data=content, headers=BINARY)


async def read_dataset(caller: Caller, dataset: str) -> dict[str, Any]:
    """Wait until the files of a dataset are read, or cannot be."""
    while True:
        found = (await caller.get(f"/datasets/{dataset}")).data
        if found["job"] and found["job"]["status"] in ENDED:
            return found
        await asyncio.sleep(0.05)


async def ended_analysis(caller: Caller, analysis: str) -> dict[str, Any]:
    """Wait until an analysis has ended."""
    while True:
        found = (await caller.get(f"/analyses/{analysis}")).data
        if found["status"] in ENDED:
            return found
        await asyncio.sleep(0.05)


async def analysed(caller: Caller, dataset: str, **settings: Any) -> dict[str, Any]:
    """Analyse a dataset."""
    reply = await caller.post("/analyses", {"dataset": dataset, **settings})
    assert reply.status == 201, reply.body
    return await ended_analysis(caller, reply.data["id"])
