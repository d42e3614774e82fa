"""Alert on a blocked event loop; pure."""

from collections.abc import Iterator, Sequence

from opsconductor.app.status.loop_blocks import BLOCKED_S, LONG_S, LoopBlock
from opsconductor.model.enums import Severity
from opsconductor.selfcheck.watch.trouble import Trouble

WORTH_S = 3.0
"""From this total length in seconds on there is an alert; a busy host alone blocks for a second at times."""
UNBLOCK = (
    "nothing is received or sent meanwhile: a connector of your own must do blocking work in "
    "asyncio.to_thread; otherwise check the load of this host, and report it"
)


def troubles_of_blocks(blocks: Sequence[LoopBlock]) -> Iterator[Trouble]:
    """Return what is wrong with the event loop, by the blocks within the quiet time."""
    blocked_s = sum(block.seconds for block in blocks)
    if blocked_s >= WORTH_S:
        yield Trouble(
            alert_type="application_event_loop_blocked",
            severity=Severity.MAJOR if blocked_s >= LONG_S else Severity.WARNING,
            title="Event Loop Was Blocked - {device_name}",
            message=f"The event loop was blocked for {text_of_blocks(blocks)}. Remedy: {UNBLOCK}.",
        )


def text_of_blocks(blocks: Sequence[LoopBlock]) -> str:
    """Return how often and for how long the event loop was blocked, and by what."""
    longest = max(blocks, key=lambda block: block.seconds)
    task = f", task {longest.task}" if longest.task else ""
    return (
        f"more than {BLOCKED_S:g} s {len(blocks)} time{'' if len(blocks) == 1 else 's'}, the longest for "
        f"{longest.seconds:.1f} s until {longest.ended_at:%Y-%m-%d %H:%M:%S} UTC{task}: "
        f"{longest.stack or 'the cause is not known'}"
    )
