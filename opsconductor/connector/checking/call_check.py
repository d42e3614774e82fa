"""Check of the events of a third-party connector, and of its answers to posts.

Unchecked, a wrong event or value would fail where those of all connectors are together, and others would be
lost with it. What ships with OpsConductor is checked by mypy, at no cost at run time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opsconductor.connector.checking.context_check import ReasonCheck
from opsconductor.connector.checking.type_check import TupleCheck, TypeCheck
from opsconductor.connector.interface import Emit
from opsconductor.connector.post import Post, PostResult, PromptReceiver, Receiver
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.event import RawEvent
from opsconductor.model.keys import ReportedKey

SUCCESS, FAILURE, BEYOND = 200, 400, 600
"""Statuses of HTTP that are an answer, that are a refusal, and that do not exist."""


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
        for key in event.reported:
            self._check.expect(key, (ReportedKey,), "an entry of reported")

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


class CheckedReceiver:
    """A receiver whose events and answers are checked, and the reasons of its refusals."""

    def __init__(self, receiver: Receiver, connector: str) -> None:
        self._receiver = receiver
        self._check = TypeCheck(connector)
        self._events = EventCheck(connector)
        self._reasons = ReasonCheck(self._check)

    def is_proven(self, head: Post) -> bool:
        """Return True if headers and URL contain the secret."""
        with self._refusals():
            return self._receiver.is_proven(head)

    async def receive(self, post: Post) -> PostResult:
        """Accept a post."""
        with self._refusals():
            taken = await self._receiver.receive(post)
        self._check.expect(taken, (PostResult,), "the result of receive")
        self._events.all(taken.events)
        self._answer(taken)
        return taken

    def _answer(self, taken: PostResult) -> None:
        """Check what is sent after the events are committed: the sender would repeat them if it failed."""
        self._check.expect(taken.status, (int,), "status of a PostResult")
        if not SUCCESS <= taken.status < BEYOND:
            self._check.refuse(
                f"status of a PostResult is {taken.status}, expected {SUCCESS} to {BEYOND - 1}"
            )
        self._check.expect(taken.answer, (Mapping, type(None)), "answer of a PostResult")
        try:
            json.dumps(taken.answer)
        except (TypeError, ValueError, RecursionError):
            self._check.refuse("answer of a PostResult cannot be written as JSON")

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (Refused, DecodeError) as error:
            self._reasons.one(error.reason, type(error).__name__)
            if isinstance(error, Refused):
                self._check.expect(error.status, (int,), "status of a Refused")
                if not FAILURE <= error.status < BEYOND:
                    words = f"status of a Refused is {error.status}, expected {FAILURE} to {BEYOND - 1}"
                    self._check.refuse(words)
            raise


class CheckedPromptReceiver(CheckedReceiver):
    """The same of one that takes most posts at once."""

    def __init__(self, receiver: PromptReceiver, connector: str) -> None:
        super().__init__(receiver, connector)
        self._prompt = receiver

    def receive_at_once(self, post: Post) -> RawEvent | None:
        """Return the only event of a post, or None."""
        with self._refusals():
            event = self._prompt.receive_at_once(post)
        if event is not None:
            self._events.one(event)
        return event
