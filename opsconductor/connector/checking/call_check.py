"""Check of what a third-party connector passes to the daemon by a call: events, measured values, counts.

Unchecked, a wrong event or value would fail where those of all connectors are together, and others would be
lost with it. What ships with OpsConductor is checked by mypy, at no cost at run time.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from opsconductor.connector.checking.type_check import TupleCheck, TypeCheck
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Emit
from opsconductor.connector.post import Post, PostResult, PromptReceiver, Receiver
from opsconductor.errors import ContractError
from opsconductor.model.event import RawEvent
from opsconductor.model.measured.measurement import Measurement

STAGES = frozenset(
    {"received", "refused", "undecodable", "duplicate", "dropped", "kernel_drop", "unanswered"}
)
"""Stages of the loss ledger that connectors count."""
MOST_REASONS = 50
"""A reason is one of a closed set; with texts of messages as reasons the ledger would grow for ever."""
is_reason = re.compile(r"[a-z0-9_]{0,40}").fullmatch


class EventCheck:
    """Checks the raw events of one connector."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._check = TypeCheck(connector)
        self._event = TupleCheck(self._check, RawEvent, "an event")

    def one(self, event: RawEvent) -> None:
        """Refuse an event with a wrong type, or in the name of another connector."""
        self._event.one(event)
        if event.connector != self._connector:
            self._check.refuse("connector of a RawEvent is not the connector's own name")

    def all(self, events: Sequence[RawEvent]) -> None:
        """Check several; a generator would be empty on the second read."""
        if isinstance(events, RawEvent):  # a tuple itself
            self._check.refuse("what is emitted is one event, expected a list of events")
        self._check.expect(events, (list, tuple), "what is emitted")
        for event in events:
            self.one(event)


class CheckedEmit:
    """Takes events of one connector and passes them on, checked; raises ContractError to the connector."""

    def __init__(self, connector: str, emit: Emit) -> None:
        self._check = EventCheck(connector)
        self._emit = emit

    async def __call__(self, events: Sequence[RawEvent]) -> None:
        """Take events."""
        self._check.all(events)
        await self._emit(events)


class CheckedMeasure:
    """Takes measured values of one connector and passes them on, checked."""

    def __init__(self, context: ConnectorContext) -> None:
        self._check = TypeCheck(context.name)
        self._value = TupleCheck(self._check, Measurement, "a measured value")
        self._measure = context.measure

    def __call__(self, measurements: Sequence[Measurement]) -> None:
        """Take values."""
        if isinstance(measurements, Measurement):
            self._check.refuse("what is measured is one value, expected a list of values")
        self._check.expect(measurements, (list, tuple), "what is measured")
        for each in measurements:
            self._value.one(each)
            self._check.expect_aliases(each.device_aliases)
        self._measure(measurements)


class CheckedCount:
    """Counts messages of one connector in the loss ledger, checked."""

    def __init__(self, context: ConnectorContext) -> None:
        self._check = TypeCheck(context.name)
        self._reasons: set[str] = set()
        self._count = context.count

    def __call__(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count messages."""
        self._check.expect(amount, (int,), "the amount of count")
        if stage not in STAGES:
            self._check.refuse(f"count knows no stage {stage!r:.60}, only {', '.join(sorted(STAGES))}")
        if reason not in self._reasons:
            self._note(reason)
        self._count(stage, reason, amount)

    def _note(self, reason: str) -> None:
        self._check.expect(reason, (str,), "the reason of count")
        if is_reason(reason) is None:
            self._check.refuse("the reason of count is no word of a-z, 0-9 and _, of at most 40 characters")
        if len(self._reasons) >= MOST_REASONS:
            self._check.refuse(f"more than {MOST_REASONS} reasons are counted: use a closed set of words")
        self._reasons.add(reason)


class CheckedReceiver:
    """A receiver whose events are checked; its own errors pass."""

    def __init__(self, receiver: Receiver, connector: str) -> None:
        self._receiver = receiver
        self._check = EventCheck(connector)

    def is_proven(self, head: Post) -> bool:
        """Return True if headers and URL contain the secret."""
        return self._receiver.is_proven(head)

    async def receive(self, post: Post) -> PostResult:
        """Accept a post."""
        taken = await self._receiver.receive(post)
        if not isinstance(taken, PostResult):
            raise ContractError(f"receive returned {type(taken).__name__} instead of a PostResult")
        self._check.all(taken.events)
        return taken


class CheckedPromptReceiver(CheckedReceiver):
    """The same of one that takes most posts at once."""

    def __init__(self, receiver: PromptReceiver, connector: str) -> None:
        super().__init__(receiver, connector)
        self._prompt = receiver

    def receive_at_once(self, post: Post) -> RawEvent | None:
        """Return the only event of a post, or None."""
        event = self._prompt.receive_at_once(post)
        if event is not None:
            self._check.one(event)
        return event


def checked_context(context: ConnectorContext) -> ConnectorContext:
    """Return the context for a third-party connector, which checks what it is called with."""
    return replace(context, count=CheckedCount(context), measure=CheckedMeasure(context))
