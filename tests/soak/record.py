"""The record of the sending side: which faults were reported, how often, and which were acknowledged."""

import asyncio
from dataclasses import dataclass


@dataclass(slots=True)
class Subject:
    """One fault on one interface, from the devices' point of view.

    Attributes:
        is_own: It is reported once only, so that its count must be one.
        is_trap: It was reported by a trap, which is not acknowledged.
        acknowledged: Reports of the problem that were answered.
        datagrams: Packets that reported the problem, repeats included.
        clears: Reports that the problem is over.
        is_acknowledged, is_cleared: The report of an own fault, and that of its end, were answered.
        is_over: Nothing more will be reported about it.
    """

    fingerprint: str
    device: str
    resource: str
    is_own: bool = False
    is_trap: bool = False
    acknowledged: int = 0
    datagrams: int = 0
    clears: int = 0
    is_acknowledged: bool = False
    is_cleared: bool = False
    is_over: bool = False


class Message:
    """One INFORM on its way."""

    __slots__ = ("_answer", "is_problem", "subject")

    def __init__(self, subject: Subject, *, is_problem: bool) -> None:
        self.subject = subject
        self.is_problem = is_problem
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_answered(self) -> bool:
        """Return whether it was acknowledged."""
        return self._answer.done()

    def answered(self) -> None:
        """Record the answer."""
        if not self._answer.done():
            self._answer.set_result(None)

    async def is_answered_within(self, seconds: float) -> bool:
        """Wait for the answer; return whether it came."""
        await asyncio.wait({self._answer}, timeout=seconds)
        return self._answer.done()
