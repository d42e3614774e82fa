"""aiohttp with nothing behind it: `bare_http.py PORT` reads each post and answers `{}`.

What a receiver on aiohttp cannot be cheaper than, with uvloop and the parser in C, as the daemon has them.
"""

import asyncio
import sys

import uvloop
from aiohttp import web


async def serve(port: int) -> None:
    """Serve until the process is terminated."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"{}", content_type="application/json")

    app = web.Application()
    app.router.add_post("/post", take)
    app.router.add_get("/-/ready", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
