"""Posts to a connector past aiohttp: those of a sender that has proven itself on the same connection.

The first post goes through aiohttp, which parses its head, and through `inbound_webhooks.receive`. The next
ones on this connection whose head is the same are passed to the connector at once, which compares their
secret again, and are answered by the commit itself. What is unusual goes through aiohttp: another head, a
post that the connector refuses or that waits for something, a full intake, a connector that was replaced.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter

from aiohttp import web

from opsconductor.api.http.connections import Connection, Connections, connections
from opsconductor.api.http.measuring import note_request
from opsconductor.api.http.repeated_heads import RepeatedAnswer, RepeatedHead, head_of
from opsconductor.api.http.request_ids import HEADER, OURS, new_id
from opsconductor.api.http.responses import failure, success
from opsconductor.api.interfaces.connectors import ConnectorsView
from opsconductor.connector.post import Post, PromptReceiver
from opsconductor.guard import guarded

AT_A_TIME = 32
"""Maximum number of posts that take the shortcut at a time."""
WITHIN_S = 10.0
"""Seconds after which a post goes through aiohttp again, which so knows that the connection is not idle."""
COMMITTED_WITHIN_S = 20.0
"""Shorter than the time most senders wait for an answer, longer than a commit takes in a storm."""
ONE_EVENT = success({"events": 1})


@dataclass(slots=True)
class Shortcuts:
    """Number of posts that wait for their commit, of all connections."""

    waiting: int = 0


class AnsweredPost(web.Response):
    """The answer to a post, after which the next ones on its connection may be repeated.

    Attributes:
        then: Called with the headers of the answer, once it is written.
    """

    then: Callable[[Mapping[str, str]], None] | None = None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write the answer."""
        await super().write_eof(data)
        if self.then is not None:
            self.then(self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPlace:
    """Where the posts of a connection go.

    Attributes:
        route: For the metrics.
        head: The post that aiohttp has read, without its body.
    """

    connectors: ConnectorsView
    open: Connections
    shortcuts: Shortcuts
    name: str
    receiver: PromptReceiver
    route: str
    head: Post
    at_most: int


class RepeatedPosts:
    """The shortcut of one connection: see `Shortcut`."""

    def __init__(
        self, place: PostPlace, connection: Connection, head: RepeatedHead, answer: RepeatedAnswer
    ) -> None:
        self._place = place
        self._connection = connection
        self._head = head
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._until_s = self._loop.time() + WITHIN_S
        self._began_s = 0.0
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._count = place.connectors.count(place.name)
        self.is_waiting = False

    def take(self, data: bytes) -> bool:
        """Pass a post to its connector and the intake; False: aiohttp has to read it."""
        place = self._place
        body = self._head.body_of(data)
        if body is None or len(body) > place.at_most or not self._is_open():
            return False
        self._began_s = perf_counter()
        head, connectors = place.head, place.connectors
        post = Post(
            headers=head.headers,
            query=head.query,
            body=body,
            peer=head.peer,
            received_at=connectors.now(),
        )
        with guarded() as asking:
            event = place.receiver.receive_at_once(post)
        if asking.error is not None or event is None:
            return False
        self._number += 1
        number = self._number
        self.is_waiting = True
        if not connectors.emit_at_once([event._replace(on_commit=lambda: self._committed(number))]):
            self.is_waiting = False
            return False
        place.shortcuts.waiting += 1
        self._count("received")
        self._timer = self._loop.call_later(COMMITTED_WITHIN_S, self._give_up)
        return True

    def _is_open(self) -> bool:
        place = self._place
        return (
            place.open.are_shortcuts_open
            and place.shortcuts.waiting < AT_A_TIME
            and self._loop.time() < self._until_s
            and place.connectors.receiver(place.name) is place.receiver
        )

    def _committed(self, number: int) -> None:
        """Answer a post, unless it was answered that it took too long."""
        if self.is_waiting and number == self._number:
            self._end()
            self._send(ONE_EVENT, HTTPStatus.OK)

    def _give_up(self) -> None:
        """Answer that the post will be committed, but was not in time."""
        self._end()
        message = "what was posted could not be committed in time; try again in a moment"
        body = failure("unavailable", message).encode()
        self._send(body, HTTPStatus.SERVICE_UNAVAILABLE, more="Retry-After: 5\r\n")

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


def shorten(response: AnsweredPost, request: web.Request, place: PostPlace) -> None:
    """Register the short path for the next posts on the connection of a request, if its head allows it."""
    found = request.app[connections]
    connection = found.find(request.protocol)
    if connection is None or found.limits.idle_s <= WITHIN_S + COMMITTED_WITHIN_S:
        return  # to aiohttp the connection could be idle while a post waits
    given = request.headers.get(HEADER, "")

    def then(headers: Mapping[str, str]) -> None:
        head = head_of(connection.first, connection.amount, request)
        if head is not None:
            answer = RepeatedAnswer(headers, given if OURS.fullmatch(given) else "")
            connection.shorten(RepeatedPosts(place, connection, head, answer))

    response.then = then
