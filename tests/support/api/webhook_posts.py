"""Webhook connectors: built from keys without a network, posted to, read back; and posted to over HTTP."""

import asyncio
import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.webhook_in import TYPE
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.post import Post, PostResult
from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert

TOKEN = "0123456789abcdef"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEARER = {"authorization": f"Bearer {TOKEN}"}
ALERT = {"status": "firing", "labels": {"alertname": "LinkDown", "host": "sw1"}, "fingerprint": "f1"}
GROUP = {"version": "4", "alerts": [ALERT]}


def source_of(
    *,
    name: str = "hook",
    open_alert: Callable[[str], Alert | None] = lambda _: None,
    legacy: dict[str, Any] | None = None,
    counts: Counter[str] | None = None,
    acknowledged: Callable[[], AsyncIterator[Sequence[bytes]]] | None = None,
    **config: object,
) -> WebhookInSource:
    """Build a connector; without other keys it takes Alertmanager's posts with a token."""
    known = {"format": "alertmanager"} | (
        {} if {"basic", "hmac_secret"} & config.keys() else {"token": TOKEN}
    )
    counts = Counter() if counts is None else counts
    more = {} if acknowledged is None else {"acknowledged": acknowledged}
    context = ConnectorContext(
        name=name,
        data_dir=Path("/nowhere"),
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda stage, reason="", amount=1: counts.update({f"{stage} {reason}": amount}),
        open_alert=open_alert,
        handover={} if legacy is None else legacy,
        **more,
    )
    built = TYPE.build(TYPE.config.model_validate({**known, **config}), context)
    assert isinstance(built, WebhookInSource)
    return built


def post(
    body: object = GROUP, headers: Mapping[str, str] = BEARER, query: Mapping[str, str] | None = None
) -> Post:
    """Make a post; a body that is no bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Post(headers=headers, query=query or {}, body=data, peer="10.0.0.9", received_at=AT)


async def no_emit(events: Sequence[RawEvent]) -> None:
    """Take nothing: a webhook hands its events to the API."""
    del events


async def alerts_of(source: WebhookInSource, taken: PostResult) -> list[NormalizedAlert]:
    """Read the events of a post as the pipeline does: from what the archive would keep of them."""
    return [
        alert
        for event in taken.events
        for alert in source.normalize(event._replace(payload=source.redacted(event)))
    ]


async def posted(
    api_port: int, name: str, body: object, headers: Mapping[str, str]
) -> tuple[int, dict[str, object]]:
    """Post a document to a connector of a daemon at loopback; returns status and document of the answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{api_port}/api/v1/connectors/{name}/webhook",
        data=json.dumps(body).encode(),
        headers=dict(headers),
    )

    def ask() -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return await asyncio.to_thread(ask)
