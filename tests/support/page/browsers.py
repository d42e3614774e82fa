"""One Chromium with one driver for many tests: each test has a connection of its own to it.

`async_playwright` starts a driver, a process of Node.js, for each event loop: a second of CPU time a test.
Here the driver serves its browser (`launch-server`), and this speaks its protocol over WebSocket.
What a connection has opened the driver closes with it; connections do not see each other's contexts.
"""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse
from playwright._impl._driver import compute_driver_executable, get_driver_env
from playwright._impl.connection import Connection
from playwright._impl.utils.tasks import wait_for_next_task
from playwright.async_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""The engine of Chromium without its windows: opens a page for half the processor time."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    # a process and its messages less: a twentieth of the processor time of a page
    "--in-process-gpu",
    # a page lives for seconds: the slow compiler of V8 takes more time than its code saves
    "--js-flags=--no-opt",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StillBrowser(Browser):
    """A browser without animations, so that no test waits for them."""

    async def new_page(self, **options: Any) -> Page:
        """Open a page in a context of its own."""
        return await super().new_page(**{"reduced_motion": "reduce", **options})

    async def new_context(self, **options: Any) -> BrowserContext:
        """Make a context, which shares nothing with others."""
        return await super().new_context(**{"reduced_motion": "reduce", **options})


@contextmanager
def chromium_running() -> Iterator[str]:
    """Run Chromium and its driver, for many tests. Returns the address of the driver.

    Raises:
        RuntimeError: The driver did not start; its text says why.
    """
    node, script = compute_driver_executable()
    # half of the start of a driver is reading its own code
    compiled = {"NODE_COMPILE_CACHE": str(Path(gettempdir()) / "opsconductor-tests-node")}
    with TemporaryDirectory() as place:
        options = Path(place) / "options.json"
        # port 0: any that is free; without wsPath the address cannot be guessed
        listen = {"host": "127.0.0.1", "port": 0}
        options.write_text(json.dumps({**listen, "executablePath": CHROMIUM, "args": CHROMIUM_ARGUMENTS}))
        serve = ["launch-server", "--browser=chromium", "--config"]
        driver = subprocess.Popen(
            # it ends with the tests, even when they are killed
            ["setpriv", "--pdeathsig=TERM", "--", node, script, *serve, str(options)],
            env={**get_driver_env(), **compiled},
            stdout=subprocess.PIPE,
            text=True,
        )
        with driver:
            assert driver.stdout is not None
            address = driver.stdout.readline().strip()
            if not address.startswith("ws://"):
                raise RuntimeError(f"no browser: {address}{driver.stdout.read()}")
            try:
                yield address
            finally:
                driver.terminate()


@asynccontextmanager
async def browser_at(address: str) -> AsyncIterator[Browser]:
    """Connect to a running Chromium; what is opened is closed at the end."""
    async with ClientSession() as session, session.ws_connect(address, max_msg_size=0) as link:
        connection = Connection(asyncio.get_running_loop())
        connection.mark_as_remote()
        outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        connection.onmessage = outgoing.put_nowait
        tasks = [asyncio.create_task(_send(outgoing, link)), asyncio.create_task(_receive(link, connection))]
        try:
            playwright = await connection.initialize_playwright()
            browser = StillBrowser(playwright._pre_launched_browser())
            yield browser
            for context in browser.contexts:
                await context.close()
        finally:
            connection.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _send(outgoing: asyncio.Queue[dict[str, Any]], link: ClientWebSocketResponse) -> None:
    while True:
        await link.send_str(json.dumps(await outgoing.get()))


async def _receive(link: ClientWebSocketResponse, connection: Connection) -> None:
    """Pass on the driver's messages; waiting callers fail when the driver has ended."""
    async for message in link:
        try:
            connection.dispatch(json.loads(message.data))
        except Exception as error:  # noqa: BLE001 - of a listener: the next call of the test raises it
            connection._on_event_listener_error(error)
        await wait_for_next_task()
    connection.close("the driver of the browser has ended")
