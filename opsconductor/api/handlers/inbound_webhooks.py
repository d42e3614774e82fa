"""Endpoint for webhooks: passes a post to its connector and answers once it is committed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial

from aiohttp import web

from opsconductor.api.auth.failures import FailureNotes
from opsconductor.api.handlers.repeated_posts import (
    COMMITTED_WITHIN_S,
    AcceptedPost,
    AnsweredPost,
    NextPosts,
    shorten,
)
from opsconductor.api.http.bodies import UnprovenBodies
from opsconductor.api.http.connections import connections
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import JSON, refusal, refused, success
from opsconductor.api.http.validation import read_bytes
from opsconductor.connector.context import Count
from opsconductor.connector.interface import Emit
from opsconductor.connector.post import Post, PostResult, Receiver
from opsconductor.connector.rejection import KEPT_BYTES
from opsconductor.connector.rejection_words import words_of
from opsconductor.errors import DecodeError, NotCommittedYet, Refused, Unanswered
from opsconductor.guard import guarded
from opsconductor.model.event import RawEvent
from opsconductor.model.masking import first_bytes_of
from opsconductor.pipeline.failing import FailureLog

log = logging.getLogger(__name__)

AT_A_TIME = 32
"""Maximum number of authenticated posts processed at a time."""
UNPROVEN_AT_A_TIME = 16
"""Maximum number of posts processed at a time that can be authenticated only by their body (a secret in it,
or a signature). Their limit is separate, so that they cannot take the places of authenticated senders.
"""
POST_BYTES = 4 * 1024 * 1024
"""Maximum body size: 1,000 alerts of Alertmanager with labels and annotations."""
RECEIVED_WITHIN_S = 30.0
"""How long the code of a connector may take for a post: its place is one of all connectors."""

ONE_EVENT = success({"events": 1})
FAILED = "connector_failed"
"""Rejection reason of a post on which its connector's code failed."""


class Posts:
    """Shared state of the posts in progress: their number, and the rate limit of refusal logs."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(AT_A_TIME)
        self.unproven_places = asyncio.Semaphore(UNPROVEN_AT_A_TIME)
        self.unproven = UnprovenBodies()
        self.notes = FailureNotes()
        self.failures = FailureLog()


posts: web.AppKey[Posts] = web.AppKey("posts", Posts)


async def receive(call: Call) -> web.Response:
    """Pass a post to its connector and answer.

    The connector authenticates the sender by its own secret; no API key is needed. A secret in headers or
    URL is checked before a place is taken and before any of the body is read.

    Raises:
        web.HTTPNotFound: No connector of that name accepts posts.
        StoreUnavailable: It could not be committed in time: the sender should retry.
    """
    name, request = call.request.match_info["name"], call.request
    receiver = call.parts.connectors.receiver(name)
    if receiver is None:
        raise refusal(web.HTTPNotFound, "not_found", f"no connector {name!r} accepts posts")
    shared = request.app[posts]
    at_most, within_s = min(POST_BYTES, call.parts.body_bytes), call.parts.limits.read_s
    head = post_of(request, b"", call.parts.connectors.now())
    with _refusals(call, name):
        is_proven = receiver.is_proven(head)
    with _unread(call, name, at_most):
        if is_proven:
            request.app[connections].trust(request.protocol)
            async with place(call, shared.places):
                body = await read_bytes(request, at_most=at_most, within_s=within_s)
                return await _take(call, receiver, head, body)
        async with (
            shared.unproven.read(request, at_most=at_most, within_s=within_s) as body,
            place(call, shared.unproven_places),
        ):
            return await _take(call, receiver, head, body)


async def _take(call: Call, receiver: Receiver, head: Post, body: bytes) -> web.Response:
    """Pass a post to its connector, and the resulting events to the intake."""
    name, request, connectors = call.request.match_info["name"], call.request, call.parts.connectors
    post = Post(
        headers=head.headers, query=head.query, body=body, peer=head.peer, received_at=connectors.now()
    )
    with _refusals(call, name, body):
        async with asyncio.timeout(RECEIVED_WITHIN_S):
            taken = await receiver.receive(post)
    request.app[connections].trust(request.protocol)
    await committed(taken.events, connectors.emit, connectors.count(name), on_dropped=taken.on_dropped)
    response = _answer(taken)
    _shorten_next(response, call, head)
    return response


def _shorten_next(response: AnsweredPost, call: Call, head: Post) -> None:
    """Open the shortcut for the next posts of an authenticated sender."""
    name, connectors = call.request.match_info["name"], call.parts.connectors
    receiver = connectors.prompt_receiver(name)
    if receiver is None:
        return

    def accept(post: Post) -> AcceptedPost | None:
        if connectors.receiver(name) is not receiver:
            return None
        event = receiver.receive_at_once(post)
        return None if event is None else AcceptedPost(event, ONE_EVENT)

    at_most = min(POST_BYTES, call.parts.body_bytes)
    shorten(response, call, NextPosts(name=name, head=head, at_most=at_most, accept=accept))


async def validate(call: Call) -> web.Response:
    """Answer a validation request, by which a sender asks whether it may post to a connector.

    Raises:
        web.HTTPNotFound: No connector of that name accepts posts or answers validation requests.
    """
    name = call.request.match_info["name"]
    validator = call.parts.connectors.validator(name)
    taken = None
    if validator is not None:
        with _refusals(call, name):
            taken = await validator.validate(post_of(call.request, b"", call.parts.connectors.now()))
    if taken is None:
        raise refusal(web.HTTPNotFound, "not_found", f"no connector {name!r} answers validation requests")
    return web.Response(status=taken.status, headers=taken.headers)


@contextmanager
def _refusals(call: Call, name: str, body: bytes = b"") -> Iterator[None]:
    """Count, log and answer a post that a connector rejects or on which its code fails."""
    with guarded() as asking:
        yield
    error = asking.error
    if error is None:
        return
    count, notes = call.parts.connectors.count(name), call.request.app[posts].notes
    count("received")
    if isinstance(error, Refused):
        count("refused", error.reason)
        _note(call, notes, name, error.reason)
        raise refused(error) from error
    if isinstance(error, DecodeError):
        count("undecodable", error.reason)
        _note(call, notes, name, error.reason, detail=error.detail, body=body)
        raise refusal(web.HTTPBadRequest, error.reason, str(error)) from error
    count("refused", FAILED)
    address = call.request.remote or ""
    call.request.app[posts].failures.record(
        "a connector failed with a post", error, {"connector": name, "address": address}
    )
    _note(call, notes, name, FAILED, detail=type(error).__name__)
    raise refusal(
        web.HTTPInternalServerError, FAILED, f"{name} failed with this post, see the daemon's log"
    ) from error


@contextmanager
def _unread(call: Call, name: str, at_most: int) -> Iterator[None]:
    """Count and record a post that is too long or too slow to be read."""
    try:
        yield
    except (web.HTTPRequestEntityTooLarge, web.HTTPRequestTimeout) as error:
        is_large = isinstance(error, web.HTTPRequestEntityTooLarge)
        reason, detail = ("too_large", f"more than {at_most:,} bytes") if is_large else ("too_slow", "")
        count = call.parts.connectors.count(name)
        count("received")
        count("refused", reason)
        _note(call, call.request.app[posts].notes, name, reason, detail=detail)
        raise


async def committed(
    events: Sequence[RawEvent], emit: Emit, count: Count, *, on_dropped: Callable[[], None] | None = None
) -> None:
    """Submit events, and wait until all of them are committed, or fsynced in the spool.

    They are counted as received only now, together with their outcome, so that the ledger's sums hold while
    a connector is still reading a post.

    Raises:
        StoreUnavailable: The queue did not accept them in time.
        NotCommittedYet: They will be committed, but were not in time.
    """
    if not events:
        return
    waiting = len(events)
    done = asyncio.get_running_loop().create_future()

    def count_down(event: RawEvent) -> None:
        nonlocal waiting
        if event.on_commit is not None:
            event.on_commit()
        waiting -= 1
        if not waiting and not done.done():
            done.set_result(None)

    is_taken = False
    count("received", amount=len(events))
    try:
        async with asyncio.timeout(COMMITTED_WITHIN_S):
            await emit([event._replace(on_commit=partial(count_down, event)) for event in events])
            is_taken = True
            await done
    except TimeoutError as error:
        failure = NotCommittedYet if is_taken else Unanswered
        raise failure("what was posted could not be committed in time") from error
    finally:
        if not is_taken:
            count("dropped", "not_in_time", len(events))
            if on_dropped is not None:
                on_dropped()


def post_of(request: web.Request, body: bytes, received_at: datetime) -> Post:
    """Return the parts of a request that connectors use."""
    return Post(
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query),
        body=body,
        peer=request.remote or "",
        received_at=received_at,
    )


@asynccontextmanager
async def place(call: Call, places: asyncio.Semaphore) -> AsyncIterator[None]:
    """Wait for a place among the posts in progress; raise StoreUnavailable on timeout."""
    if places.locked():
        try:
            async with asyncio.timeout(call.parts.limits.read_s):
                await places.acquire()
        except TimeoutError as error:
            raise Unanswered("too many posts at a time") from error
    else:
        await places.acquire()  # at once: entering a timeout costs more than the place
    try:
        yield
    finally:
        places.release()


def _answer(taken: PostResult) -> AnsweredPost:
    if taken.answer is None:
        return AnsweredPost.of(success({"events": len(taken.events)}), taken.status)
    return AnsweredPost(text=json.dumps(taken.answer), status=taken.status, content_type=JSON)


def _note(
    call: Call, notes: FailureNotes, connector: str, reason: str, *, detail: str = "", body: bytes = b""
) -> None:
    """Record a rejected post in the connector's status and, rate-limited, in the log."""
    address, words = call.request.remote or "", words_of(reason, detail)
    call.parts.connectors.rejected(connector)(
        address,
        reason,
        explanation=words.explanation,
        remedy=words.remedy,
        first_bytes=first_bytes_of(body, KEPT_BYTES),
    )
    amount = notes.due(address, asyncio.get_running_loop().time())
    if amount:
        log.warning(
            "a post was refused",
            extra={"connector": connector, "address": address, "reason": reason, "amount": amount},
        )
