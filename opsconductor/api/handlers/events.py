"""Endpoint for events reported by scripts; answers once they are committed."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

from aiohttp import web

from opsconductor.api.auth.authenticator import credential_of
from opsconductor.api.handlers.event_source import SOURCE_SYSTEM, event_of
from opsconductor.api.handlers.idempotency import IdempotencyKeys, Marks, used_keys
from opsconductor.api.handlers.inbound_webhooks import POST_BYTES, committed, place, post_of, posts
from opsconductor.api.handlers.repeated_posts import AcceptedPost, AnsweredPost, NextPosts, shorten
from opsconductor.api.handlers.reported import (
    MEDIA,
    MOST_EVENTS,
    Faulty,
    ReportedEvent,
    fault_at,
    read_events,
)
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal, success
from opsconductor.api.http.validation import Fault, read_bytes, refused_for
from opsconductor.connector.post import Post
from opsconductor.connector.rejection_words import words_of
from opsconductor.store.access.audit import ASSISTANT_AGENT
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.permissions import Permission

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255
CUTTING_PERMISSION: Permission = "alerts:write"

repeats: web.AppKey[IdempotencyKeys] = web.AppKey("repeats", IdempotencyKeys)


async def report_events(call: Call) -> web.Response:
    """Accept all events of a request, or none.

    Raises:
        web.HTTPUnsupportedMediaType: It is neither JSON, JSON lines nor CSV.
        web.HTTPUnprocessableEntity: With the faults of all events.
        web.HTTPForbidden: An event is `cutting`, and the key lacks the permission.
        web.HTTPConflict: An idempotency key was used before, for something else.
        web.HTTPServiceUnavailable: The same was reported before and is not committed yet.
        StoreUnavailable: It could not be committed in time: the sender should retry.
    """
    async with place(call, call.request.app[posts].places):
        at_most = min(POST_BYTES, call.parts.body_bytes)
        body = await read_bytes(call.request, at_most=at_most, within_s=call.parts.limits.read_s)
        try:
            events = _read(call.request, body)
            check_may_cut(call.principal, events)
            marks = marks_of(events, _key_of(call.request), body)
        except web.HTTPException:
            _count_refused(call, "invalid")
            raise
        return await _take(call, events, marks)


def check_may_cut(principal: Principal | None, events: Sequence[ReportedEvent]) -> None:
    """Require the permission `alerts:write` for events that cut, because they suppress alerts of others.

    Raises:
        web.HTTPForbidden: The caller lacks the permission.
    """
    permissions = principal.permissions if principal is not None else frozenset()
    if any(event.cutting for event in events) and CUTTING_PERMISSION not in permissions:
        message = (
            f"cutting suppresses alerts of other devices; it needs the permission {CUTTING_PERMISSION!r}"
        )
        raise refusal(web.HTTPForbidden, "forbidden", message)


def marks_of(events: Sequence[ReportedEvent], key: str, body: bytes) -> Marks:
    """Return the idempotency keys of a request: its own, and those of its events.

    Raises:
        web.HTTPUnprocessableEntity: Two different events have the same id.
    """
    marks: dict[str, bytes] = {}
    faults: list[Fault] = []
    if key:
        marks[f"request {key}"] = sha256(body).digest()
    for number, event in enumerate(events, 1):
        if event.id is None:
            continue
        digest = sha256(event.model_dump_json().encode(errors="replace")).digest()
        if marks.setdefault(f"event {event.id}", digest) != digest:
            faults.append(fault_at(f"event {number}: id", event.id, "an id that is unique in this request"))
    if faults:
        raise refused_for(faults)
    return marks


async def _take(call: Call, events: Sequence[ReportedEvent], marks: Marks) -> web.Response:
    assert call.principal is not None
    by, keys = call.principal.name, call.request.app[repeats]
    async with keys.hold(by, marks) as taken:
        known = await keys.known(by, marks)
        if others := [key for key, digest in known.items() if marks[key] != digest]:
            _count_refused(call, "key_reused")
            message = f"used within a day for something else: {', '.join(sorted(others)[:5])}"
            raise refusal(web.HTTPConflict, "key_reused", message)
        fresh = _fresh(events, known)
        at = call.parts.connectors.now()
        used = used_keys(by, marks, at)
        event = event_of(fresh, by, peer=call.request.remote or "", at=at)
        event = event._replace(reported=used, on_commit=partial(taken, used))
        await committed([event], call.parts.connectors.emit, call.parts.connectors.count(SOURCE_SYSTEM))
    response = AnsweredPost.of(_answered(len(events), len(events) - len(fresh)))
    if _is_usual(events):
        _shorten_next(response, call, call.principal)
    return response


def _is_usual(events: Sequence[ReportedEvent]) -> bool:
    """Return whether nothing but the key is to be checked for these events."""
    is_plain = all(event.id is None and not event.cutting for event in events)
    return is_plain and 0 < len(events) <= MOST_EVENTS


def _answered(accepted: int, repeated: int = 0) -> bytes:
    return success({"accepted": accepted, "repeated": repeated})


def _shorten_next(response: AnsweredPost, call: Call, principal: Principal) -> None:
    """Open the shortcut for the next posts with this key, unless more than the key is checked for each.

    Idempotency keys are looked up, requests of assistants recorded, quotas counted, and cookies compared with
    the page that sends them.
    """
    headers = call.request.headers
    credential = credential_of(call.request)
    is_assistant = headers.get("User-Agent") == ASSISTANT_AGENT
    if credential[1] or principal.quota_per_minute is not None or is_assistant or KEY_HEADER in headers:
        return
    media = MEDIA[call.request.content_type]

    def accept(post: Post) -> AcceptedPost | None:
        events = read_events(post.body, media)
        if not _is_usual(events):
            return None
        raw = event_of(events, principal.name, peer=post.peer, at=post.received_at)
        return AcceptedPost(raw, _answered(len(events)))

    nexts = NextPosts(
        name=SOURCE_SYSTEM,
        head=post_of(call.request, b"", call.parts.connectors.now()),
        at_most=min(POST_BYTES, call.parts.body_bytes),
        accept=accept,
        recheck=partial(call.gate.recheck, credential, principal),
    )
    shorten(response, call, nexts)


def _fresh(events: Sequence[ReportedEvent], known: Marks) -> Sequence[ReportedEvent]:
    """Return the events without those reported before and duplicates within the request."""
    if any(key.startswith("request ") for key in known):
        return ()
    seen = {key.removeprefix("event ") for key in known}
    fresh = []
    for event in events:
        if event.id is None or event.id not in seen:
            fresh.append(event)
            seen.add(event.id or "")
    return fresh


def _count_refused(call: Call, reason: str) -> None:
    count = call.parts.connectors.count(SOURCE_SYSTEM)
    count("received")
    count("refused", reason)
    words = words_of(reason)
    call.parts.connectors.rejected(SOURCE_SYSTEM)(
        call.request.remote or "", reason, explanation=words.explanation, remedy=words.remedy
    )


def _key_of(request: web.Request) -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise refused_for(
            [fault_at(KEY_HEADER, key, f"at most {LONGEST_KEY} printable characters")], web.HTTPBadRequest
        )
    return key


def _read(request: web.Request, body: bytes) -> Sequence[ReportedEvent]:
    media = MEDIA.get(request.content_type)
    if media is None:
        message = f"send the body as {', '.join(sorted(set(MEDIA.values())))}"
        raise refusal(web.HTTPUnsupportedMediaType, "unsupported_media_type", message)
    try:
        events = read_events(body, media)
    except Faulty as faulty:
        raise refused_for(faulty.faults) from faulty
    if len(events) > MOST_EVENTS:
        raise refused_for([fault_at("", f"{len(events)} events", f"at most {MOST_EVENTS} in one request")])
    return events
