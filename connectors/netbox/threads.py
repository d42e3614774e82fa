"""Blocking calls in threads that are not joined at shutdown: a stop must not take as long as a timeout."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Run a blocking function in a thread and return its result or raise its exception.

    After cancellation the thread continues until its function ends; it delays nothing,
    not even the end of the process.
    """
    handover = _Handover[Result](asyncio.get_running_loop())

    def run() -> None:
        with handover:
            handover.result = work()

    threading.Thread(target=run, daemon=True, name="netbox").start()
    return await handover.future


class _Handover(Generic[Result]):
    """Pass the result of a thread to the event loop, if it is still awaited."""

    result: Result

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[Result] = loop.create_future()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, error)
        return True

    def _settle(self, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(self.result)
