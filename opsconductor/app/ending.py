"""End of the daemon's process: what code of a connector has left running does not hold it up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import enumerate as all_threads
from threading import main_thread

log = logging.getLogger(__name__)

LEAVE_AFTER_S = 5.0
"""How long the end of the process waits for tasks and threads that are left."""
LOOK_EVERY_S = 0.05
OF_CALLS = "asyncio"
"""Threads of `asyncio.to_thread`, and plain ones by Python's own naming; our other pools end when idle."""
NAMED = (OF_CALLS, "Thread-")


async def run_to_the_end(serving: Awaitable[None], leave: Callable[[], None]) -> None:
    """Wait for the daemon, then for what is left in its process.

    The interpreter waits for ever for a thread that blocks, and the event loop for a task that ignores its
    cancellation: systemd would kill the daemon although everything is stored.

    Args:
        leave: Called if something does not end; ends the process at once.
    """
    executor = ThreadPoolExecutor(thread_name_prefix=OF_CALLS)
    asyncio.get_running_loop().set_default_executor(executor)
    await serving
    executor.shutdown(wait=False, cancel_futures=True)
    if left := await _left():
        log.error("the process ends although code of a connector still runs", extra={"task": ", ".join(left)})
        leave()


async def _left() -> list[str]:
    """Return the names of tasks and threads that do not end in time."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    clock = asyncio.get_running_loop().time
    end_s = clock() + LEAVE_AFTER_S
    if tasks:
        await asyncio.wait(tasks, timeout=LEAVE_AFTER_S)
    while _blocking() and clock() < end_s:  # noqa: ASYNC110 - a thread sets no event when it ends
        await asyncio.sleep(LOOK_EVERY_S)
    return sorted([*(task.get_name() for task in tasks if not task.done()), *_blocking()])


def _blocking() -> list[str]:
    """Return the names of threads for which the interpreter would wait."""
    threads = [thread for thread in all_threads() if thread is not main_thread() and not thread.daemon]
    return [thread.name for thread in threads if thread.name.startswith(NAMED)]
