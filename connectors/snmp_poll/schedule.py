"""Schedule of one device: each check at regular times, sooner after a first miss."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from connectors.snmp_poll.definition import CheckDefinition
from connectors.snmp_poll.device import DevicePoll
from connectors.snmp_poll.report import PollReport

AGAIN_S = 10.0
"""Interval after a first miss; a device may take this long to restart its agent."""
EARLY_S = 0.002
"""Timers of an event loop may fire this much early: those of uvloop count milliseconds."""
IS_THERE = ""
"""Name of the reachability test, which is scheduled besides the checks."""

Hand = Callable[[DevicePoll, Sequence[PollReport]], Awaitable[None]]
"""Receives the results of a poll."""


async def visit_forever(
    device: DevicePoll, checks: Sequence[CheckDefinition], interval_s: float, hand: Hand, *, first_in_s: float
) -> None:
    """Poll a device until cancelled; a long poll delays the next one, missed polls are skipped."""
    loop = asyncio.get_running_loop()
    every_s = {IS_THERE: interval_s}
    for check in checks:
        every_s[check.name] = check.interval.total_seconds() if check.interval else interval_s
    due_s = dict.fromkeys(every_s, loop.time() + first_in_s)
    while True:
        await asyncio.sleep(min(due_s.values()) - loop.time())
        now_s = loop.time() + EARLY_S
        due = {name for name, at_s in due_s.items() if at_s <= now_s}
        await hand(device, await device.poll([check for check in checks if check.name in due]))
        now_s = loop.time()
        for name in due:
            due_s[name] = max(due_s[name] + every_s[name], now_s)
        if 0 < device.misses < device.misses_allowed:
            due_s[IS_THERE] = now_s + min(AGAIN_S, interval_s)
