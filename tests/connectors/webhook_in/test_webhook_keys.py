"""Idempotency keys of posts: repeats count once, and a key belongs to one document."""

from collections import Counter

import pytest
from pydantic import ValidationError

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.post import PostResult
from opsconductor.errors import Refused
from opsconductor.model.keys import KEY_BYTES
from tests.support.api.webhook_posts import ALERT, BEARER, GROUP, TOKEN, post, source_of

KEYED = {**BEARER, "idempotency-key": "k-1"}
TRIGGER = {"event_action": "trigger", "payload": {"summary": "S", "source": "h", "severity": "error"}}


def commit(taken: PostResult) -> None:
    """Do as the pipeline does after the commit of a post's events."""
    for event in taken.events:
        if event.on_commit is not None:
            event.on_commit()


async def test_a_post_with_a_key_counts_once() -> None:
    """Its key is committed with its last event; the repeat has no event and the same answer."""
    counts: Counter[str] = Counter()
    source = source_of(counts=counts)
    first = await source.receive(post(headers=KEYED))
    assert [len(event.keys) for event in first.events] == [2 * KEY_BYTES]
    commit(first)
    again = await source.receive(post(headers=KEYED))
    assert (again.events, again.status, again.answer) == ((), first.status, first.answer)
    assert counts == {"received ": 1, "duplicate ": 1}
    assert (await source.receive(post(headers={**BEARER, "idempotency-key": "k-2"}))).events
    assert (await source.receive(post())).events[0].keys == b""


async def test_a_key_in_the_body_is_found_by_its_path() -> None:
    """The header counts first; a post in which the path finds no text or number has no key."""
    source = source_of(format="pagerduty", idempotency_key="$.custom.delivery")
    body = {**TRIGGER, "custom": {"delivery": 7}}
    first = await source.receive(post(body))
    commit(first)
    again = await source.receive(post(body))
    assert (again.events, again.status, again.answer) == ((), 202, first.answer)
    assert (await source.receive(post(body, headers=KEYED))).events
    for nothing in ({}, {"delivery": None}, {"delivery": {"id": 1}}, {"delivery": ""}):
        assert (await source.receive(post({**TRIGGER, "custom": nothing}))).events[-1].keys == b""


async def test_a_key_stands_for_one_document() -> None:
    """A recovery under the key of its problem is refused and shown; it is not taken for a repeat."""
    source = source_of()
    commit(await source.receive(post(headers=KEYED)))
    other = {**GROUP, "alerts": [{**ALERT, "status": "resolved"}]}
    with pytest.raises(Refused, match="used for another post") as refusal:
        await source.receive(post(other, headers=KEYED))
    assert (refusal.value.reason, refusal.value.status) == ("key_reused", 409)


async def test_a_post_under_way_is_not_taken_again() -> None:
    """Until it is committed or dropped the sender is asked to repeat; then it is accepted, or known."""
    legacy: dict[str, object] = {}
    source = source_of(legacy=legacy)
    first = await source.receive(post(headers=KEYED))

    async def refusal(source: WebhookInSource) -> str:
        with pytest.raises(Refused) as error:
            await source.receive(post(headers=KEYED))
        return error.value.reason

    assert await refusal(source) == "under_way"
    assert await refusal(source_of(legacy=legacy)) == "under_way"
    assert first.on_dropped is not None
    first.on_dropped()
    taken = await source.receive(post(headers=KEYED))
    assert taken.events
    commit(taken)
    assert (await source_of(legacy=legacy).receive(post(headers=KEYED))).events == ()


@pytest.mark.parametrize("path", ["$.api_key", "$..id", "id", "$.token.id"])
def test_a_path_names_one_value_that_is_not_hidden(path: str) -> None:
    """A search finds several, and secrets are redacted before the key is looked for."""
    with pytest.raises(ValidationError, match="idempotency_key"):
        WebhookInConfig.model_validate({"format": "zabbix", "token": TOKEN, "idempotency_key": path})
