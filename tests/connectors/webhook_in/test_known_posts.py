"""Posts that come again byte for byte: not parsed again, and never read otherwise than the first."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from connectors.webhook_in.known import LONGEST_BYTES, KnownPost
from connectors.webhook_in.source import WebhookInSource
from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.store.postgres.codecs import encode_jsonb
from tests.support.api.webhook_posts import ALERT, BEARER, GROUP, TOKEN, post, source_of

CASES = Path(__file__).parent / "cases"
FORMS = ("alertmanager", "grafana", "uptimekuma", "json")
TIMES = 5


def taken(source: WebhookInSource, body: object, number: int = 0) -> RawEvent:
    """Post something some hours after the first post."""
    one = post(body)
    event = source.receive_at_once(replace(one, received_at=one.received_at + timedelta(hours=number)))
    assert event is not None
    return event


def comparable(alerts: list[NormalizedAlert]) -> list[object]:
    """Return reports with what would be stored of their raw data."""
    return [(alert[:-1], json.loads(encode_jsonb(alert.raw_data())[1:])) for alert in alerts]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.name.startswith(FORMS)))
async def test_every_case_is_read_again_as_the_first_time(case: str) -> None:
    """Whatever a sender repeats means the same at a later time, times of receipt and raw data included."""
    config = yaml.safe_load((CASES / case / "case.yaml").read_text())["config"]
    source = source_of(**{**config, "token": TOKEN})
    body = (CASES / case / "input.json").read_bytes()
    try:
        for number in range(TIMES):
            event = taken(source, body, number)
            read = comparable(list(source.normalize(event)))
            assert read == comparable(list(source.normalize(event._replace(parsed=None))))
    except DecodeError:
        return
    assert isinstance(event.parsed, KnownPost) == (len(body) <= LONGEST_BYTES)


async def test_what_comes_once_is_not_kept() -> None:
    """From the second time on a post is kept, from the third on it is recognized."""
    source = source_of()
    events = [taken(source, GROUP) for _ in range(3)]
    assert [isinstance(event.parsed, KnownPost) for event in events] == [False, True, True]
    assert events[1].parsed is events[2].parsed


async def test_an_end_that_passes_between_two_posts_is_seen() -> None:
    """The list of Prometheus has no status: the same bytes are a problem, and later its end."""
    source = source_of()
    one = {**{name: ALERT[name] for name in ("labels",)}, "endsAt": "2026-01-02T06:30:00Z"}
    over = [source.normalize(taken(source, [one], number))[0].is_clear for number in range(TIMES)]
    assert over == [False] * 4 + [True]


async def test_secrets_stay_removed() -> None:
    """The payload of a repeated post is that of the first: without secrets."""
    source = source_of()
    body = {**GROUP, "password": "hunter2"}
    for number in range(TIMES):
        event = taken(source, body, number)
        assert b"hunter2" not in event.payload
        assert "hunter2" not in repr(event)


async def test_a_known_post_needs_the_secret_too() -> None:
    """The memory of a post has nothing about its sender."""
    source = source_of()
    for _ in range(3):
        taken(source, GROUP)
    assert source.receive_at_once(post(headers={**BEARER, "authorization": "Bearer wrong"})) is None


async def test_a_post_that_waits_is_read_by_the_new_configuration() -> None:
    """A connector that a reload replaces leaves known posts in the queue: their reports are not its own."""
    old, new = source_of(), source_of(default_severity="critical", device_labels=("alertname",))
    for number in range(TIMES):
        event = taken(old, GROUP, number)
        old.normalize(event)
    assert isinstance(event.parsed, KnownPost)
    expected = comparable(list(new.normalize(event._replace(parsed=None))))
    assert comparable(list(new.normalize(event))) == expected
    assert comparable(list(old.normalize(event))) != expected
