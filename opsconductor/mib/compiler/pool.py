"""Pool of parser processes, isolated from each other, with limits of time and memory for each module."""

import asyncio
import json
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from opsconductor.errors import CompileError
from opsconductor.mib.compiler.framing import ANSWER, LINK, PARSE, REQUEST

PARSE_LIMIT_S = 60
LINK_LIMIT_S = 600
LARGEST_ANSWER = 512 * 1024 * 1024
START_LIMIT_S = 120
"""Time for a process to load the parser, which takes a second on an idle machine."""

WORKER = (sys.executable, "-m", "opsconductor.mib.compiler.worker")


class WorkerPool:
    """Workers, started on demand.

    Args of the constructor:
        size: Number of concurrent workers.
        parse_limit_s: Seconds that a file may take.
    """

    def __init__(self, size: int, *, parse_limit_s: int = PARSE_LIMIT_S) -> None:
        self._parse_limit_s = parse_limit_s
        self._workers = [_Worker() for _ in range(size)]
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def __aenter__(self) -> Self:
        """Start without processes."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes."""
        for worker in self._workers:
            await worker.end()

    async def parse(self, content: bytes) -> list[Mapping[str, Any]]:
        """Parse the modules of one file.

        Raises:
            CompileError: It takes too long or too much memory, or the parser ends unexpectedly.
        """
        found = await self._ask(PARSE, content, self._parse_limit_s)
        assert isinstance(found, list)
        return found

    async def link(self, forms: bytes) -> Mapping[str, Any]:
        """Return the facts of forms, each encoded with its length first.

        Raises:
            CompileError: As `parse`.
        """
        found = await self._ask(LINK, forms, LINK_LIMIT_S)
        assert isinstance(found, dict)
        return found

    async def _ask(self, kind: bytes, payload: bytes, limit_s: int) -> Any:
        worker = await self._idle.get()
        try:
            return await worker.ask(kind, payload, limit_s)
        finally:
            self._idle.put_nowait(worker)


class _Worker:
    """One process, started again after it was ended."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, kind: bytes, payload: bytes, limit_s: int) -> Any:
        process = self._process or await self._start()
        return await self._ask(process, REQUEST.pack(kind, limit_s, len(payload)) + payload, limit_s)

    async def _ask(self, process: asyncio.subprocess.Process, request: bytes, limit_s: int) -> Any:
        is_done = False
        try:
            async with asyncio.timeout(limit_s):
                text = await _exchange(process, request)
            is_done = True
        except TimeoutError as error:
            raise CompileError(f"it takes longer than {limit_s} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise CompileError("the parser ended unexpectedly") from error
        finally:
            if not is_done:
                await self.end()
        found = json.loads(text)
        if isinstance(found, dict) and "failed" in found:
            await self.end()
            raise CompileError(found["failed"])
        return found

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await self._ask(self._process, b"", START_LIMIT_S)
        return self._process

    async def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    await process.stdin.drain()
    (length,) = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
    if length > LARGEST_ANSWER:
        raise CompileError(f"the result is larger than {LARGEST_ANSWER} octets")
    return await process.stdout.readexactly(length)
