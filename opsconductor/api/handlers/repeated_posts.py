"""Posts past aiohttp: those of a sender that has proven itself on the same connection.

The first post goes through aiohttp, which parses its head, and through `inbound_webhooks.receive` or
`events.report_events`. The next ones on this connection whose head is the same are accepted at once, and are
answered by the commit itself. Their secret is checked each time: by the connector, or, if it is an API key,
by a query that begins after the post has arrived. What is unusual goes through aiohttp: another head, a post
that is refused or that waits for something, a full intake, a connector that was replaced, a key that has
ended or whose rights have changed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import NamedTuple

from aiohttp import web

from opsconductor.api.http.connections import Connection, Connections, connections
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.measuring import note_request
from opsconductor.api.http.repeated_heads import RepeatedAnswer, RepeatedHead, head_of
from opsconductor.api.http.request_ids import HEADER, OURS, new_id
from opsconductor.api.http.responses import JSON, failure
from opsconductor.api.interfaces.connectors import ConnectorsView
from opsconductor.connector.post import Post
from opsconductor.guard import guarded
from opsconductor.model.event import RawEvent

AT_A_TIME = 32
"""Maximum number of posts that take the shortcut at a time."""
WITHIN_S = 10.0
"""Seconds after which a post goes through aiohttp again, which so knows that the connection is not idle."""
COMMITTED_WITHIN_S = 20.0
"""Shorter than the time most senders wait for an answer, longer than a commit takes in a storm."""


class AcceptedPost(NamedTuple):
    """A post that makes one raw event, and the body of the answer to it once that is committed."""

    event: RawEvent
    answer: bytes


@dataclass(slots=True)
class Shortcuts:
    """Number of posts that wait for their commit, of all connections."""

    waiting: int = 0


shortcuts: web.AppKey[Shortcuts] = web.AppKey("shortcuts", Shortcuts)


class AnsweredPost(web.Response):
    """The answer to a post, after which the next ones on its connection may be repeated.

    Attributes:
        then: Called with the headers of the answer, once it is written.
    """

    then: Callable[[Mapping[str, str]], None] | None = None

    @classmethod
    def of(cls, body: bytes, status: int = HTTPStatus.OK) -> "AnsweredPost":
        """Return an answer with this JSON document."""
        return cls(body=body, status=status, content_type=JSON, charset="utf-8")

    async def write_eof(self, data: bytes = b"") -> None:
        """Write the answer."""
        await super().write_eof(data)
        if self.then is not None:
            self.then(self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPosts:
    """How the next posts of a connection are handled.

    Attributes:
        name: Connector in whose name they are counted.
        head: The post that aiohttp has read, without its body.
        at_most: Maximum size of a body in bytes.
        accept: Reads a post; None, or any exception: aiohttp has to read it.
        recheck: Calls back with whether the sender may still post; None: `accept` checks its secret.
    """

    name: str
    head: Post
    at_most: int
    accept: Callable[[Post], AcceptedPost | None]
    recheck: Callable[[Callable[[bool], None]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPlace:
    """Where the posts of a connection go.

    Attributes:
        route: For the metrics.
    """

    connectors: ConnectorsView
    open: Connections
    shortcuts: Shortcuts
    route: str


class RepeatedPosts:
    """The shortcut of one connection: see `Shortcut`."""

    def __init__(
        self,
        nexts: NextPosts,
        place: PostPlace,
        connection: Connection,
        head: RepeatedHead,
        answer: RepeatedAnswer,
    ) -> None:
        self._next = nexts
        self._place = place
        self._connection = connection
        self._head = head
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._until_s = self._loop.time() + WITHIN_S
        self._began_s = 0.0
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._count = place.connectors.count(nexts.name)
        self.is_waiting = False

    def take(self, data: bytes) -> bool:
        """Pass a post to the intake, now or once its sender is checked; False: aiohttp has to read it."""
        body = self._head.body_of(data)
        if body is None or len(body) > self._next.at_most or not self._is_open():
            return False
        self._began_s = perf_counter()
        if self._next.recheck is not None:
            self._begin()
            self._next.recheck(partial(self._checked, self._number, data, body))
            return True
        accepted = self._accepted(body)
        if accepted is None:
            return False
        self._begin()
        if not self._emit(accepted):
            self._end()
            return False
        return True

    def _checked(self, number: int, data: bytes, body: bytes, is_admitted: bool) -> None:  # noqa: FBT001
        """Pass a post on whose sender was checked, unless it was answered that it took too long."""
        if not self._is_current(number):
            return
        accepted = self._accepted(body) if is_admitted else None
        if accepted is None or not self._emit(accepted):
            self._end()
            self._connection.give_back(data)

    def _accepted(self, body: bytes) -> AcceptedPost | None:
        """Return what a post means; None: aiohttp has to read it."""
        head = self._next.head
        post = Post(
            headers=head.headers,
            query=head.query,
            body=body,
            peer=head.peer,
            received_at=self._place.connectors.now(),
        )
        with guarded():
            return self._next.accept(post)
        return None

    def _emit(self, accepted: AcceptedPost) -> bool:
        """Put the event of a post into the intake; False: that is full."""
        committed = partial(self._committed, self._number, accepted.answer)
        if not self._place.connectors.emit_at_once([accepted.event._replace(on_commit=committed)]):
            return False
        self._count("received")
        return True

    def _is_open(self) -> bool:
        place = self._place
        return (
            place.open.are_shortcuts_open
            and place.shortcuts.waiting < AT_A_TIME
            and self._loop.time() < self._until_s
        )

    def _is_current(self, number: int) -> bool:
        return self.is_waiting and number == self._number

    def _committed(self, number: int, body: bytes) -> None:
        """Answer a post, unless it was answered that it took too long."""
        if self._is_current(number):
            self._end()
            self._send(body, HTTPStatus.OK)

    def _give_up(self) -> None:
        """Answer that the post will be committed, but was not in time."""
        self._end()
        message = "what was posted could not be committed in time; try again in a moment"
        body = failure("unavailable", message).encode()
        self._send(body, HTTPStatus.SERVICE_UNAVAILABLE, more="Retry-After: 5\r\n")

    def _begin(self) -> None:
        self._number += 1
        self.is_waiting = True
        self._place.shortcuts.waiting += 1
        self._timer = self._loop.call_later(COMMITTED_WITHIN_S, self._give_up)

    def _end(self) -> None:
        self.is_waiting = False
        self._place.shortcuts.waiting -= 1
        self._place.open.note_answered()
        if self._timer is not None:
            self._timer.cancel()

    def _send(self, body: bytes, status: HTTPStatus, *, more: str = "") -> None:
        note_request(self._place.route, status, perf_counter() - self._began_s)
        request_id = self._answer.request_id or new_id()
        self._connection.answer(
            self._answer.written(body, status=status, request_id=request_id, now_s=time.time(), more=more)
        )


def shorten(response: AnsweredPost, call: Call, nexts: NextPosts) -> None:
    """Register the short path for the next posts on the connection of a request, if its head allows it."""
    request, resource = call.request, call.request.match_info.route.resource
    found = request.app[connections]
    connection = found.find(request.protocol)
    if connection is None or resource is None or found.limits.idle_s <= WITHIN_S + COMMITTED_WITHIN_S:
        return  # to aiohttp the connection could be idle while a post waits
    given = request.headers.get(HEADER, "")
    place = PostPlace(
        connectors=call.parts.connectors,
        open=found,
        shortcuts=request.app[shortcuts],
        route=resource.canonical,
    )

    def then(headers: Mapping[str, str]) -> None:
        head = head_of(connection.first, connection.amount, request)
        if head is not None:
            answer = RepeatedAnswer(headers, given if OURS.fullmatch(given) else "")
            connection.shorten(RepeatedPosts(nexts, place, connection, head, answer))

    response.then = then
