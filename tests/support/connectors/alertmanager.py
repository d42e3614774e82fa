"""A real Alertmanager for tests: a free port, one receiver, and alerts given to it as Prometheus would."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.support.ports import free_port


class Alertmanager:
    """A running Alertmanager."""

    def __init__(self, http: ClientSession, port: int) -> None:
        self._http = http
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def is_ready(self) -> bool:
        """Return whether it answers."""
        with suppress(ClientError):
            async with self._http.get(f"{self.url}/-/ready") as answer:
                return answer.ok
        return False

    async def post(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Post alerts to it."""
        async with self._http.post(f"{self.url}/api/v2/alerts", json=alerts) as answer:
            assert answer.ok, await answer.text()

    async def amtool(self, *words: str) -> None:
        """Use its own tool."""
        process = await asyncio.create_subprocess_exec("amtool", f"--alertmanager.url={self.url}", *words)
        assert await process.wait() == 0


@asynccontextmanager
async def alertmanager(folder: Path, webhook: str, token: str) -> AsyncIterator[Alertmanager]:
    """Start one that posts everything, in one group, to a webhook."""
    config = {
        "route": {
            "receiver": "ops",
            "group_by": ["job"],
            "group_wait": "1s",
            "group_interval": "1s",
            "repeat_interval": "4h",
        },
        "receivers": [
            {
                "name": "ops",
                "webhook_configs": [
                    {
                        "url": webhook,
                        "send_resolved": True,
                        "http_config": {"authorization": {"credentials": token}},
                    }
                ],
            }
        ],
    }
    (folder / "alertmanager.yml").write_text(json.dumps(config))
    port = free_port()
    log = folder / "alertmanager.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: ASYNC220
            [
                "prometheus-alertmanager",
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=written,
            stderr=written,
        )
    try:
        async with ClientSession() as http:
            running = Alertmanager(http, port)
            async with asyncio.timeout(30):
                while not await running.is_ready():
                    await asyncio.sleep(0.05)
            yield running
    finally:
        process.kill()
        process.wait()
