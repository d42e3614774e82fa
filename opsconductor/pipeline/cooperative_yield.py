"""Gives others the event loop in the middle of long work."""

import asyncio
from time import perf_counter

LONGEST_S = 0.003
"""Work at a stretch. An answer of the API takes some ten turns of the event loop, in each of which the
pipeline and the listener may both work so long."""
TURNS = 3
"""Turns of the event loop in a rest: for what is ready, and for what becomes ready by that."""


class CooperativeYield:
    """Rests as soon as the work since the last rest has lasted long enough; asking costs next to nothing."""

    def __init__(self) -> None:
        self._since_s = perf_counter()

    async def rest(self) -> None:
        """Let others go on, if it is time."""
        if perf_counter() - self._since_s >= LONGEST_S:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            self._since_s = perf_counter()
