"""A real Prometheus for tests, which takes remote write; its data outlive it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession


@asynccontextmanager
async def prometheus(folder: Path, port: int) -> AsyncIterator[str]:
    """Start one on a port of loopback, yield its address, stop it in order."""
    config, log = folder / "prometheus.yml", folder / "prometheus.log"
    config.write_text("global: {scrape_interval: 1h}\n")
    url = f"http://127.0.0.1:{port}"
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: ASYNC220
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--web.enable-remote-write-receiver",
            ],
            stdout=written,
            stderr=written,
        )
    try:
        async with ClientSession() as http, asyncio.timeout(60):
            while not await _is_ready(http, url):
                await asyncio.sleep(0.05)
        yield url
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _is_ready(http: ClientSession, url: str) -> bool:
    with suppress(ClientError):
        async with http.get(f"{url}/-/ready") as answer:
            return answer.ok
    return False
