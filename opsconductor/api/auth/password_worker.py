"""Hashing of passwords outside the event loop, one at a time: it costs much time and memory."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from opsconductor.errors import Unanswered
from opsconductor.store.access.passwords import UNUSABLE, hash_password, is_password

MOST_WAITING = 20
"""Passwords that wait; each takes a quarter of a second."""


class PasswordWorker:
    """Hashes passwords and compares them in a thread of its own."""

    def __init__(self) -> None:
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether a password has this hash; None takes as long and is never right.

        Raises:
            StoreUnavailable: Too many are waiting.
        """
        with self._place():
            loop = asyncio.get_running_loop()
            is_right = await loop.run_in_executor(self._thread, is_password, password, stored or UNUSABLE)
        return is_right and stored is not None

    async def hash(self, password: str) -> str:
        """Return the hash to store.

        Raises:
            StoreUnavailable: Too many are waiting.
        """
        with self._place():
            return await asyncio.get_running_loop().run_in_executor(self._thread, hash_password, password)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Unanswered("too many passwords at a time")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
