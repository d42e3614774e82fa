"""Serialized computation of live answers, so that the pipeline keeps at least half of the processor.

With a hundred thousand open alerts a list takes a tenth of a second or more, and while the database is
away every page requests one.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from aiohttp import web

State = TypeVar("State")
Result = TypeVar("Result")


class SingleFlight:
    """Computes one answer at a time, each in a thread, with a pause as long as the computation.

    Equal questions that wait share one answer; its state is never older than the question.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting: dict[Hashable, asyncio.Future[Any]] = {}
        self._rest_until_s = 0.0

    async def ask(
        self, question: Hashable, snapshot: Callable[[], State], work: Callable[[State], Result]
    ) -> Result:
        """Return the answer computed from a snapshot that is taken when its turn has come.

        Args:
            question: Key that is equal for requests that may share the answer.
            snapshot: Returns the live state; called in the event loop's thread.
            work: Computes the answer from it; called in another thread.
        """
        waiting = self._waiting.get(question)
        if waiting is None:
            waiting = asyncio.ensure_future(self._answer(question, snapshot, work))
            self._waiting[question] = waiting
        answer: Result = await asyncio.shield(waiting)
        return answer

    async def _answer(
        self, question: Hashable, snapshot: Callable[[], State], work: Callable[[State], Result]
    ) -> Result:
        loop = asyncio.get_running_loop()
        async with self._turn:
            await asyncio.sleep(max(0.0, self._rest_until_s - loop.time()))
            # requests from now on need a newer state
            del self._waiting[question]
            started_s = loop.time()
            try:
                return await asyncio.to_thread(work, snapshot())
            finally:
                now_s = loop.time()
                self._rest_until_s = now_s + (now_s - started_s)


turns: web.AppKey[SingleFlight] = web.AppKey("turns", SingleFlight)
