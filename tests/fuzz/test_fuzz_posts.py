"""Almost valid bodies, for every format of inbound webhooks and for reported events."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

import yaml

from connectors.webhook_in import TYPE
from connectors.webhook_in.config import FormatName
from connectors.webhook_in.source import WebhookInSource
from opsconductor.api.handlers.event_source import EventSource, event_of
from opsconductor.api.handlers.reported import MEDIA, Faulty, read_events
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot, bounded
from opsconductor.model.text import storable
from tests.fuzz.mutation import TEXTS, cpu_s, inputs, kept, mutated, seconds, seed
from tests.support.api.webhook_posts import AT, BEARER, TOKEN, post, source_of

LIMIT_S = 0.1
SHARE = 0.06
OF_EACH = 40
"""Posts of a format at least: a fifth of those of the most fragile one are read, and one of each must be."""
CASES = Path(__file__).parents[1] / "connectors" / "webhook_in" / "cases"
HEADERS: tuple[Mapping[str, str], ...] = (
    BEARER,
    BEARER,
    {**BEARER, "content-type": "application/cloudevents+json"},
    {**BEARER, "ce-specversion": "1.0", "ce-id": "%00%ff", "ce-source": "//[", "ce-type": "a.raised"},
    {
        **BEARER,
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "s",
        "ce-type": "%",
        "content-type": "x/y",
    },
)
VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1e308, 2**70, 0.1, "", [], {}, [[]], {"": {}}, "0001-01-01T00:00:00Z", "9" * 30,
    "9999-12-31T23:59:59-14:00", "{EVENT.ID}", "http://[", "//", "[::1]:9", "$", "{{ x }}", "\ud800", *TEXTS,
)  # fmt: skip
EVENTS = (
    b'[{"device": "d", "alert_type": "power_x", "tags": ["a"], "occurred_at": "2026-01-02T03:04:05Z"}]',
    b'{"device": "::1", "alert_type": "power_x", "clear": true}\n{"device": "x", "alert_type": "power_y"}',
    b'device;alert_type;clear;expires_after\n"a;b";power_x;yes;1h\nc;power_y;no;\n',
)


def documents() -> dict[str, list[bytes]]:
    """Read the recorded bodies of all cases, by format."""
    found: dict[str, list[bytes]] = {form.value: [] for form in FormatName}
    for case in sorted(CASES.iterdir()):
        config = yaml.safe_load((case / "case.yaml").read_text())["config"]
        found[config["format"]].append((case / "input.json").read_bytes())
    return found


def changed(document: object, chance: Random) -> object:
    """Put odd values into a document: it stays JSON, but is of another shape."""
    if isinstance(document, dict) and document and chance.random() < 0.9:
        name = chance.choice(list(document))
        return {**document, name: changed(document[name], chance)}
    if isinstance(document, list) and document and chance.random() < 0.9:
        at = chance.randrange(len(document))
        return [*document[:at], changed(document[at], chance), *document[at + 1 :]]
    return chance.choice(VALUES)


def body_of(corpus: list[bytes], chance: Random) -> bytes:
    """Make a body of a format: bytes are changed, or values."""
    body = chance.choice(corpus)
    if chance.random() < 0.4:
        return mutated(body, chance, corpus)
    try:
        document = json.loads(body)
    except ValueError:
        return body
    for _ in range(chance.choice((1, 1, 2, 4))):
        document = changed(document, chance)
    return json.dumps(document).encode()


def check(alert: NormalizedAlert) -> None:
    """Check that the pipeline can process an alert."""
    assert 0 < len(alert.alert_type) <= 100
    assert alert.device_ip or alert.device_name
    assert alert.title
    assert alert.is_clear == (alert.severity == "clear")
    assert alert.occurred_at <= alert.received_at
    assert alert.alert_type.startswith(f"{alert.category}_")
    json.dumps(storable(alert.raw_data()))
    json.dumps(storable(alert.custom_fields))
    assert TOKEN not in repr(alert.raw_data())


def alerts_in(source: WebhookInSource | EventSource, event: RawEvent) -> Sequence[NormalizedAlert]:
    """Read an event as the pipeline does, which bounds its times."""
    reports = bounded(source.normalize(event), event.received_at)
    assert not isinstance(reports, Snapshot)
    return reports


def test_whatever_is_posted_becomes_alerts_or_a_counted_reason() -> None:
    """For every format: nothing unforeseen is raised, and no post costs more than 100 ms."""
    number = seed()
    chance = Random(number)
    corpus = documents()
    mapping = yaml.safe_load((CASES / "json_mapped" / "case.yaml").read_text())["config"]["mapping"]
    sources = {
        form: source_of(
            format=form, posts_per_minute=1_000_000, **({"mapping": mapping} if form == "json" else {})
        )
        for form in corpus
    }
    ends: Counter[str] = Counter()

    async def take(form: str, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            taken = await sources[form].receive(post(body, headers))
        except (DecodeError, Refused) as error:
            ends[error.reason] += 1
            return
        for event in taken.events:
            for alert in alerts_in(sources[form], event):
                check(alert)
                ends[form] += 1

    forms = cycle(corpus)
    for form in inputs(lambda _: next(forms).encode(), seconds(SHARE), chance, least=OF_EACH * len(corpus)):
        body, headers = body_of(corpus[form.decode()], chance), chance.choice(HEADERS)
        try:
            act = partial(asyncio.run, take(form.decode(), body, headers))
            assert cpu_s(act, LIMIT_S) < LIMIT_S, "processor time"
        except Exception as error:
            error.add_note(f"FUZZ_SEED={number}, {form.decode()}: {kept(body, 'post')}")
            raise
    print(f"FUZZ_SEED={number}: {dict(ends)}")  # noqa: T201
    assert {form.value for form in FormatName} <= ends.keys()
    assert TYPE.name == "webhook_in"


def reported(body: bytes, media: str) -> Sequence[NormalizedAlert]:
    """Read a body and read it back from what is kept of it; nothing when it is faulty."""
    try:
        events = read_events(body, media)
    except Faulty as faulty:
        if not all(fault["name"] and fault["expected"] for fault in faulty.faults):
            raise
        return ()
    return alerts_in(EventSource(), event_of(events, "fuzzer", peer="", at=AT))


def test_whatever_is_reported_becomes_alerts_or_faults() -> None:
    """For JSON, JSON lines and CSV: faults have a place, and what is read can be read back."""
    number = seed()
    chance = Random(number)
    taken = 0
    for body in inputs(lambda _: body_of(list(EVENTS), chance), seconds(SHARE / 4), chance):
        media = chance.choice(list(MEDIA.values()))
        try:
            alerts = reported(body, media)
        except Exception as error:
            error.add_note(f"FUZZ_SEED={number}: {kept(body, 'events')}")
            raise
        for alert in alerts:
            check(alert)
            taken += 1
    assert taken
