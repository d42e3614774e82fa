"""Any value that the API or a connector accepts is stored, listed, shown in any zone and exported.

Against the real PostgreSQL. What is refused, or counted as invalid, is not looked at further.
"""

import json
import os
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from opsconductor.api.handlers.event_source import event_of
from opsconductor.api.handlers.reported import JSON, Faulty, read_events
from opsconductor.connector.interface import Source
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from tests.support.engine.flow import recorded, source_of, take_all

CONNECTORS = ("webhook_in", "mqtt", "prtg", "eaton", "snmp_poll")
INPUTS = 15
"""Recorded inputs that are spoiled and taken in one batch."""
CHECKED = settings(
    max_examples=int(os.environ.get("ANY_VALUE_EXAMPLES", "2")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59.999999-23:59",
    "1969-12-31T23:59:59Z",
    "2038-01-19T03:14:08Z",
    "-0044-03-15T00:00:00Z",
    "infinity",
    "2026-02-30T00:00:00Z",
    "2016-12-31T23:59:60Z",
)
TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "x\udfff",
    "\u202egnp.exe",
    "fe80::1%eth0",
    "fe80::1%" + "x" * 300,
    "::ffff:10.0.0.1",
    "10.0.0.1/24",
    "010.000.000.001",
    "1.2.3",
    "0x7f000001",
    "e\u0301" * 200,
    "x" * 3_000,
    "{device_name}",
    "{{ 7*7 }}",
    "NaN",
    "-Infinity",
    "1e400",
    "9" * 400,
)
NUMBERS = (
    0, -1, 2**31, 2**32, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400, 10**4_000,
    0.1, -0.0, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip


def nested(depth: int) -> object:
    """Nest lists and objects."""
    inner: object = "x"
    for level in range(depth):
        inner = [inner] if level % 2 else {"a": inner}
    return inner


odd_values = (
    st.sampled_from(TIMES)
    | st.sampled_from(TEXTS)
    | st.sampled_from(NUMBERS)
    | st.sampled_from([None, True, False, [], {}, [None], {"": None}, {"\0": "\0"}])
    | st.sampled_from([50, 99, 400]).map(nested)
    | st.text(max_size=30)
)
FIELDS = (
    "device", "alert_type", "severity", "resource", "title", "message", "clear", "occurred_at", "tags",
    "expires_after", "id",
)  # fmt: skip
short_texts = st.sampled_from([text for text in TEXTS if len(text) <= 255 and "\0" not in text]) | st.text(
    st.characters(exclude_characters="\0"), max_size=40
)
given_texts = short_texts.filter(lambda text: bool(text.strip()))
SOUND: dict[str, st.SearchStrategy[object]] = {
    "device": st.sampled_from(["srv1", "10.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1", "010.0.0.1"])
    | given_texts,
    "alert_type": st.sampled_from(["storage_backup_failed", "unknown_x", f"network_{'x' * 92}"]),
    "severity": st.sampled_from(list(Severity)),
    "resource": short_texts,
    "title": short_texts,
    "message": short_texts | st.sampled_from(["x" * 2_000, "\u202e" * 300]),
    "clear": st.booleans(),
    "occurred_at": st.sampled_from(TIMES) | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "tags": st.lists(given_texts, max_size=50),
    "expires_after": st.sampled_from(["1s", "999d"]),
    "id": given_texts,
}
MUST = ("device", "alert_type")
sound_events = st.fixed_dictionaries(
    {name: SOUND[name] for name in MUST}, optional={name: SOUND[name] for name in FIELDS if name not in MUST}
)
spoiled_events = st.tuples(sound_events, st.sampled_from(FIELDS), odd_values).map(
    lambda drawn: {**drawn[0], drawn[1]: drawn[2]}
)
texts_of_events = sound_events | spoiled_events


@cache
def documents() -> list[tuple[str, dict[str, Any], Any]]:
    """List what was recorded of all connectors, and not while tests are collected."""
    return [each for name in CONNECTORS for each in recorded(name)]


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """List every place of a document: what holds it, and its key or position there."""
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(inner):
        yield document, key
        if isinstance(value, dict | list):
            yield from places(value)


def inner_of(document: Any) -> Any:
    """Find the part of a document that comes from the network: of MQTT the payload, which is a text."""
    try:
        inner = json.loads(document["payload"])
    except (KeyError, TypeError, ValueError):
        return document if not isinstance(document, dict) or "topic" not in document else {}
    return inner if isinstance(inner, dict | list) else {}


def every_time_and_text() -> list[dict[str, object]]:
    """List events that hold every time, and every text in every place of a text."""
    base: dict[str, object] = {"device": "srv1", "alert_type": "storage_backup_failed"}
    dated = [{**base, "resource": str(number), "occurred_at": at} for number, at in enumerate(TIMES)]
    named = [{**base, "resource": text, "title": text, "message": text, "tags": [text]} for text in TEXTS]
    return [*dated, *named, *({**base, "device": text} for text in TEXTS)]


def test_every_time_and_text_in_every_place(database_url: str) -> None:
    """Texts and times known to be unusual, whatever hypothesis finds."""
    _report(database_url, every_time_and_text())


@CHECKED
@given(bodies=st.lists(texts_of_events, min_size=10, max_size=20))
def test_any_event_that_the_api_takes(bodies: list[dict[str, object]], database_url: str) -> None:
    """Of all fields and values; each event is its own request."""
    _report(database_url, bodies)


def _report(url: str, bodies: Sequence[dict[str, object]]) -> None:
    raws = []
    for body in bodies:
        try:
            accepted = read_events(json.dumps(body).encode(), JSON)
        except Faulty:
            continue
        raws.append(event_of(accepted, "script", peer="10.9.9.9", at=datetime.now(UTC)))
    take_all(url, raws, {"api": source_of("api", "api", {}, Path("/nowhere"))})


@CHECKED
@given(data=st.data())
def test_any_value_in_any_place_of_what_connectors_read(
    data: st.DataObject, database_url: str, tmp_path: Path
) -> None:
    """Recorded inputs in which some values are replaced: each is read, or counted as invalid."""
    raws, sources = [], dict[str, Source]()
    for number in range(INPUTS):
        case, config, document = data.draw(st.sampled_from(documents()))
        spoiled = deepcopy(document)
        of_network = inner_of(spoiled)
        for _ in range(data.draw(st.integers(1, 3))):
            every = list(places(of_network))
            if every:
                holder, key = every[data.draw(st.integers(0, len(every) - 1))]
                holder[key] = deepcopy(data.draw(odd_values))
        if of_network is not spoiled:
            spoiled["payload"] = json.dumps(of_network)
        name = f"{case}-{number}"[:50]
        sources[name] = source_of(case.partition("/")[0], name, config, tmp_path)
        raws.append(RawEvent(name, json.dumps(spoiled).encode(), datetime.now(UTC), peer="10.9.9.9"))
    take_all(database_url, raws, sources)
