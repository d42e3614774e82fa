"""`opsconductor alerts watch`: the table, updated live until Ctrl-C."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from opsconductor.cli.alerts.text import Json, list_of, now
from opsconductor.cli.terminal.api_client import ApiClient, DaemonAway

AT_MOST_EVERY_S = 0.5
RETRY_S = 2.0
FRAME_LINES = 5
"""Screen lines that are not alerts: header, total, database state, feed state and cursor."""

Read = Callable[[], Awaitable[Json]]
Frame = Callable[[Json], RenderableType]
Show = Callable[[RenderableType], None]


async def watch(client: ApiClient, read: Read, console: Console) -> None:
    """Show what `read` returns, again after every event of the live feed; never returns.

    On a terminal the screen is redrawn; elsewhere one table follows the other. While the daemon does not
    answer, the last table stays and a line gives the time since when.
    """
    if not console.is_terminal:
        await _follow(client, read, partial(_frame, console=console), console.print)
        return
    with Live(console=console, auto_refresh=False, screen=True) as screen:
        await _follow(client, read, partial(_frame, console=console), partial(screen.update, refresh=True))


async def _follow(client: ApiClient, read: Read, frame: Frame, show: Show) -> None:
    last: RenderableType = Text()
    while True:
        try:
            show(last := frame(await read()))
            async for _ in client.events():
                show(last := frame(await read()))
                await asyncio.sleep(AT_MOST_EVERY_S)
        except DaemonAway as away:
            lost = Text(f"not live since {now().astimezone():%H:%M:%S}: {away.message}", style="bold red")
            show(Group(last, lost))
            await asyncio.sleep(RETRY_S)


def _frame(answer: Json, console: Console) -> RenderableType:
    fits = max(1, console.height - FRAME_LINES) if console.is_terminal else None
    table = list_of(answer, now(), most=fits)
    return Group(table, Text(f"live, {now().astimezone():%H:%M:%S}; Ctrl-C ends", style="green"))
