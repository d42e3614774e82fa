"""The inbound webhook source: accepts posts and turns them into alerts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.webhook_in.access import (
    MOST_BYTES_OF_STRANGERS,
    is_in_body,
    is_same,
    may_be_proven_by_body,
    refused,
    who_may_post,
)
from connectors.webhook_in.config import FormatName, WebhookInConfig
from connectors.webhook_in.envelope import document_of, parse, write
from connectors.webhook_in.formats import format_of
from connectors.webhook_in.keys import Keys
from connectors.webhook_in.known import KnownPosts
from connectors.webhook_in.measure import PostMeasurer
from connectors.webhook_in.normalize import PostNormalizer
from connectors.webhook_in.parts import PART, parts_of
from connectors.webhook_in.seen import KEY_HEADER, SeenKeys, keys_of_post
from connectors.webhook_in.takers import note_takers
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.language.path import read_path
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import DecodeError, Refused
from opsconductor.limits import Rate, TokenBucket
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert

REASONS = {
    "unauthorized": "the secret is missing or wrong (401)",
    "too_many_posts": "more posts than posts_per_minute (503: the sender retries)",
    "not_ready": "the connector is starting and has not loaded the keys of earlier posts (503)",
    "under_way": "the same post is not committed yet (503)",
    "key_reused": "an idempotency key was used for another post (409)",
    "too_many_alerts": "more alerts in one post than allowed (413)",
}
"""All reasons of a Refused."""
MOST_AT_ONCE = 1_000
"""Alerts of a document that cannot be split: some 20 ms of work."""
SPECIAL = frozenset({FormatName.CLOUDEVENTS, FormatName.PAGERDUTY, FormatName.ZABBIX, FormatName.LIBRENMS})
"""Formats whose posts depend on more than their body, or are answered in their own words."""
ACCEPTED = 202
PARSED_BYTES = 64 * 1024
"""A document up to this many bytes stays parsed until it is normalized; else only the bytes are kept."""
BURST_S = 6.0
"""A burst is what `posts_per_minute` allows in this many seconds."""
RECALL_WITHIN_S = 2.0
"""How long a post waits during a start; then it is answered with 503."""


class WebhookInSource:
    """Accepts posts of one format."""

    def __init__(self, config: WebhookInConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._form = format_of(config)
        self._normalizer = PostNormalizer(config, self._form)
        self._admits = who_may_post(config)
        per_s = config.posts_per_minute / 60
        self._rate = Rate(per_s, max(1.0, per_s * BURST_S))
        self._budget = TokenBucket(self._rate, now_s=0.0)
        self._path = f"/api/v1/connectors/{context.name}/webhook"
        self._last_post_at: datetime | None = None
        self._keys: Keys | None = None
        if config.format is FormatName.PAGERDUTY:
            self._keys = context.handover.setdefault("keys", Keys(context.open_alert))
        self._seen: SeenKeys = context.handover.setdefault("seen", SeenKeys())
        self._key_path = None if config.idempotency_key is None else read_path(config.idempotency_key)
        self._known = KnownPosts()
        self._measurer: PostMeasurer | None = None
        if config.mapping is not None and config.mapping.measures:
            self._measurer = PostMeasurer(config.mapping, self._form, config.zone)
        is_special = config.format in SPECIAL
        self._is_plain = not is_special and self._key_path is None and self._measurer is None
        self._can_be_cut = config.mapping is None or config.mapping.items is None

    async def run(self, emit: Emit) -> None:
        """Wait until cancelled: the API passes posts to `post`."""
        del emit
        if self._config.format is FormatName.CLOUDEVENTS:
            await self._recall()
        self._context.report_up()
        await asyncio.Event().wait()

    def is_proven(self, head: Post) -> bool:
        """Check the secret in headers and URL, unless posts are signed.

        Raises:
            Refused: It is missing or wrong, and the body cannot contain it.
        """
        if self._config.hmac_secret is None and self._admits(head):
            return True
        if may_be_proven_by_body(self._config, head):
            return False
        raise refused()

    async def receive(self, post: Post) -> PostResult:
        """Accept a post: one event, whatever the number of its alerts.

        Raises:
            Refused: See `REASONS`.
            DecodeError: See `envelope.REASONS`.
        """
        if not (self._admits(post) or self._admits_by_body(post)):
            raise refused()
        if self._budget.spend(1, self._rate, asyncio.get_running_loop().time()):
            raise Refused("too_many_posts", "more posts than posts_per_minute allows", status=503)
        document, body = document_of(post, self._config.format)
        self._check_amount(document)
        self._last_post_at = post.received_at
        keys = keys_of_post(post, document, body, self._key_path)
        if keys or self._config.format is FormatName.CLOUDEVENTS:
            await self._recall_soon()
        is_repeated = self._seen.is_repeated(keys)
        taken, keys_of_events = self._taken(post, document, body)
        if is_repeated or not taken.events:
            self._context.count("received")
            self._context.count("duplicate")
            return replace(taken, events=())
        if self._measurer is not None:
            self._context.measure(tuple(self._measurer.measured(document, post.received_at)))
        return self._seen.once(taken, (*keys, *keys_of_events))

    def receive_at_once(self, post: Post) -> RawEvent | None:
        """Accept a post that makes one event, if nothing has to be remembered or waited for.

        Raises:
            Refused: See `REASONS`.
            DecodeError: See `envelope.REASONS`.
        """
        if not self._is_plain or KEY_HEADER in post.headers or not self._admits(post):
            return None
        known = self._known.find(post.body)
        if known is None:
            document, body = document_of(post, self._config.format)
            at_most = self._config.max_alerts
            amount = len(self._form.items(document))
            if amount > min(at_most, PART) or parts_of(document, at_most) is not None:
                return None
        if self._budget.spend(1, self._rate, asyncio.get_running_loop().time()):
            return None
        self._last_post_at = post.received_at
        if known is not None:
            return self._event(post, known.body, known)
        return self._event(post, body, self._known.note(post.body, document, body) or document)

    async def validate(self, post: Post) -> PostResult | None:
        """Answer a validation request of a CloudEvents sender; None: the request is not one.

        Source:
            CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery" section 4.
        """
        origin = post.headers.get("webhook-request-origin", "")
        if self._config.format is not FormatName.CLOUDEVENTS or not origin:
            return None
        headers = {"WebHook-Allowed-Origin": "*", "Allow": "POST, OPTIONS"}
        if "webhook-request-rate" in post.headers:
            headers["WebHook-Allowed-Rate"] = str(self._config.posts_per_minute)
        return PostResult(headers=headers)

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the reports of a post."""
        return self._normalizer.normalize(raw)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the document unchanged: its secrets were removed on receipt."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Report the address for posts, and the time of the last one."""
        last = self._last_post_at
        since = "no post since the start" if last is None else f"the last post was at {last:%F %T} UTC"
        return CheckResult(
            ok=True,
            message=f"accepts {self._config.format} posts at {self._path}; {since}",
            details={
                "path": self._path,
                "format": self._config.format.value,
                "last_post_at": None if last is None else last.isoformat(),
            },
        )

    def _check_amount(self, document: object) -> None:
        """Refuse a document that cannot be split and has too many alerts."""
        amount = len(self._form.items(document))
        at_most = min(self._config.max_alerts, MOST_AT_ONCE)
        if amount > at_most and parts_of(document, self._config.max_alerts) is None:
            message = f"{amount} alerts in one post, at most {at_most} are allowed: send them in parts"
            raise Refused("too_many_alerts", message, status=413)

    def _events(self, post: Post, document: object, body: bytes) -> list[RawEvent]:
        """Return one event for a post, or several for one with very many alerts."""
        parts = parts_of(document, self._config.max_alerts) if self._can_be_cut else None
        if parts is None:
            return [self._event(post, body, document)]
        return [self._event(post, write(part), part) for part in parts]

    def _taken(self, post: Post, document: object, body: bytes) -> tuple[PostResult, Sequence[bytes]]:
        """Return the events, the answer that the format requires, and the keys of events that have keys."""
        if self._config.format is FormatName.CLOUDEVENTS:
            return self._taken_for_cloudevents(post, document, body)
        if self._keys is not None:
            return self._taken_for_pagerduty(post, document, self._keys), ()
        if self._config.format is FormatName.ZABBIX and note_takers(document, self._context.open_alert):
            body = write(document)
        return PostResult(events=self._events(post, document, body)), ()

    def _taken_for_cloudevents(
        self, post: Post, document: object, body: bytes
    ) -> tuple[PostResult, Sequence[bytes]]:
        fresh, keys = self._seen.fresh(document)
        if fresh is None:
            return PostResult(status=ACCEPTED), ()
        events = self._events(post, fresh, body if fresh == document else write(fresh))
        return PostResult(events=events, status=ACCEPTED), keys

    async def _recall(self) -> None:
        """Load the keys of committed posts; until then posts with a key wait."""
        seen = self._seen
        if seen.is_recalled:
            return
        async for keys in self._context.acknowledged():
            if not seen.recall(keys):
                break
        seen.is_recalled = True

    async def _recall_soon(self) -> None:
        try:
            async with asyncio.timeout(RECALL_WITHIN_S):
                await self._recall()
        except TimeoutError:
            message = "the keys of earlier posts are not loaded yet"
            raise Refused("not_ready", message, status=503) from None

    def _event(self, post: Post, body: bytes, document: object) -> RawEvent:
        return RawEvent(
            connector=self._context.name,
            payload=body,
            received_at=post.received_at,
            peer=post.peer,
            local=self._path,
            parsed=document if len(body) <= PARSED_BYTES else None,
        )

    def _admits_by_body(self, post: Post) -> bool:
        """Check the secret in the body, where PagerDuty's senders have it."""
        if not is_in_body(self._config) or len(post.body) > MOST_BYTES_OF_STRANGERS:
            return False
        try:
            document = parse(post.body)
        except DecodeError:
            return False
        assert self._config.token is not None
        given = document.get("routing_key") if isinstance(document, dict) else None
        return isinstance(given, str) and is_same(given, self._config.token.get_secret_value().encode())

    def _taken_for_pagerduty(self, post: Post, document: object, keys: Keys) -> PostResult:
        events: list[Any] = document if isinstance(document, list) else [document]
        completed = [keys.complete(event) for event in events if isinstance(event, dict)]
        answer = {
            "status": "success",
            "message": "Event processed",
            "dedup_key": completed[0] if completed else "",
        }
        return PostResult(
            events=self._events(post, document, write(document)), status=ACCEPTED, answer=answer
        )
