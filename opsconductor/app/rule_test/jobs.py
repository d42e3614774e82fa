"""Tests of rules for the API, each in a process of its own; one at a time."""

import asyncio
import json
import logging
import pickle
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from opsconductor.api.interfaces.rule_trials import RuleTestState, RuleTestStatus
from opsconductor.app.rule_test.testing import RuleTestRequest
from opsconductor.child_process import kill
from opsconductor.config.settings import Settings
from opsconductor.limits import BoundedMap

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "opsconductor.app.rule_test.worker")
LONGEST_ERROR = 2_000
LONGEST_LINE = 64 * 1024 * 1024
MOST_REMEMBERED = 10
BEYOND_S = 120
"""Seconds beyond the limit of a test, to start, to compare and to write the result."""


@dataclass(slots=True)
class RuleTestJobs:
    """The latest tests, and the processes: of the one that is running, and of those that are ending."""

    settings: Settings
    worker: Sequence[str] = WORKER
    _states: BoundedMap[UUID, RuleTestState] = field(default_factory=lambda: BoundedMap(MOST_REMEMBERED))
    _tasks: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def start(self, request: RuleTestRequest, by: str) -> RuleTestState | None:
        """Start a test; return None if another one is running."""
        if any(self._states[each].state is RuleTestStatus.RUNNING for each in self._tasks):
            return None
        state = RuleTestState(id=uuid4(), by=by, started_at=datetime.now(UTC))
        self._states[state.id] = state
        task = asyncio.create_task(self._run(state.id, request), name=f"rule test {state.id}")
        self._tasks[state.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(state.id, None))
        return state

    def find(self, test_id: UUID) -> RuleTestState | None:
        """Return one of the latest tests, or None."""
        return self._states.get(test_id)

    async def cancel(self, test_id: UUID) -> RuleTestState | None:
        """End a running test; return its state, None if there is none of this id."""
        if task := self._tasks.get(test_id):
            await _ended({task})
        return self.find(test_id)

    async def aclose(self) -> None:
        """End all tests."""
        await _ended(set(self._tasks.values()))

    async def _run(self, test_id: UUID, request: RuleTestRequest) -> None:
        within_s = None if request.time_limit_s is None else request.time_limit_s + BEYOND_S
        try:
            async with asyncio.timeout(within_s):
                await self._ask(test_id, request)
        except TimeoutError:
            self._change(test_id, state=RuleTestStatus.FAILED, error=f"it takes longer than {within_s:g} s")
        finally:
            if self._states[test_id].state is RuleTestStatus.RUNNING:
                self._change(test_id, state=RuleTestStatus.CANCELLED)

    async def _ask(self, test_id: UUID, request: RuleTestRequest) -> None:
        message = await asyncio.to_thread(pickle.dumps, (self.settings, request))
        process = await asyncio.create_subprocess_exec(
            *self.worker,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(process.stderr.read())
        try:
            process.stdin.write(message)
            process.stdin.close()
            async for line in process.stdout:
                self._note(test_id, await asyncio.to_thread(json.loads, line))
            await process.wait()
        finally:
            await kill(process)
            said = await errors
        if self._states[test_id].state is RuleTestStatus.RUNNING:
            log.error(
                "a test of rules failed", extra={"error": said[-LONGEST_ERROR:].decode(errors="replace")}
            )
            error = f"the process ended with status {process.returncode}, see the log"
            self._change(test_id, state=RuleTestStatus.FAILED, error=error)

    def _note(self, test_id: UUID, line: Mapping[str, Any]) -> None:
        if "result" in line:
            self._change(test_id, state=RuleTestStatus.DONE, share=1.0, result=line["result"])
        elif "failed" in line:
            self._change(test_id, state=RuleTestStatus.FAILED, error=line["failed"])
        else:
            at = datetime.fromisoformat(line["at"])
            self._change(test_id, share=line["share"], events=line["events"], at=at)

    def _change(self, test_id: UUID, **values: Any) -> None:
        self._states[test_id] = replace(self._states[test_id], **values)


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their ends."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
