"""A post on its way to the pipeline: forms, secrets, keys of PagerDuty."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import connectors
from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.secret_words import is_secret
from connectors.webhook_in.seen import key_of_event
from opsconductor.errors import Refused
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from tests.support.api.webhook_posts import (
    ALERT,
    AT,
    BEARER,
    GROUP,
    TOKEN,
    alerts_of,
    no_emit,
    post,
    source_of,
)
from tests.support.engine.alert_changes import alert_of

HERE = Path(connectors.__file__).parent / "webhook_in"
"""Folder of sample and media type."""

CE = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/nms/a%20b", "ce-type": "disk.full.raised"}


def mapped(**mapping: str) -> dict[str, object]:
    """Configure a mapping with some keys wrong."""
    return {"token": TOKEN, "format": "json", "mapping": {"device": "d", "alert_type": "t", **mapping}}


TRIGGER = {
    "event_action": "trigger",
    "dedup_key": "k",
    "payload": {"summary": "S", "source": "h", "class": "disk"},
}
RESOLVE = {"event_action": "resolve", "dedup_key": "k"}
ACKNOWLEDGE = {"event_action": "acknowledge", "dedup_key": "k"}


async def test_a_post_is_one_event_with_the_body_as_it_came() -> None:
    """Whatever the number of its alerts; a body without secrets is not written anew."""
    body = json.dumps({**GROUP, "alerts": [ALERT] * 3}, indent=3).encode()
    source = source_of()
    (event,) = (await source.receive(post(body))).events
    assert (event.payload, event.connector, event.peer) == (body, "hook", "10.0.0.9")
    assert event.local == "/api/v1/connectors/hook/webhook"
    assert len(source.normalize(event)) == 3


async def test_the_same_post_has_the_same_identity_as_its_end() -> None:
    """Device, type and resource: then problem and clear have one fingerprint."""
    source = source_of()
    alerts = [
        (
            await alerts_of(
                source, await source.receive(post({**GROUP, "alerts": [{**ALERT, "status": status}]}))
            )
        )[0]
        for status in ("firing", "resolved")
    ]
    identities = {(alert.device_name, alert.alert_type, alert.resource) for alert in alerts}
    assert identities == {("sw1", "application_link_down", "")}
    assert [alert.is_clear for alert in alerts] == [False, True]


async def test_binary_events_take_their_attributes_from_headers() -> None:
    """Values are percent-decoded once; the body is the data, JSON or text."""
    source = source_of(format="cloudevents")
    for number, kind, body, device in (
        ("7", "application/json", b'{"host": "srv9"}', "srv9"),
        ("8", "text/plain", b"it is full \xff", "/nms/a b"),
        ("9", "", b"", "/nms/a b"),
    ):
        headers = {**BEARER, **CE, "ce-id": number, "content-type": kind}
        taken = await source.receive(post(body, headers=headers))
        (alert,) = await alerts_of(source, taken)
        assert taken.status == 202
        assert (alert.device_name, alert.alert_type) == (device, "application_disk_full")
        assert alert.source_alert_id == number


async def test_structured_events_may_hold_their_data_as_base64() -> None:
    """It is unpacked before any other step, including secrets in it."""
    source = source_of(format="cloudevents")
    event = {name.removeprefix("ce-"): value for name, value in CE.items()}
    packed = base64.b64encode(b'{"host": "srv9", "password": "geheim"}').decode()
    headers = {**BEARER, "content-type": "application/cloudevents+json; charset=utf-8"}
    taken = await source.receive(
        post([{**event, "data_base64": packed}, {**event, "id": "8", "data_base64": "!"}], headers)
    )
    first, second = await alerts_of(source, taken)
    assert (first.device_name, second.device_name) == ("srv9", "/nms/a%20b")
    assert first.raw_data()["data"] == {"host": "srv9", "password": "***"}


async def test_an_event_that_came_before_counts_once() -> None:
    """Source and id make an event: in a batch, in another post, after a reload; only once it is committed."""
    legacy: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    source = source_of(format="cloudevents", legacy=legacy, counts=counts)
    event = {name.removeprefix("ce-"): value for name, value in CE.items()} | {"data": {"host": "srv9"}}
    first = await source.receive(post([event, event]))
    assert len(await alerts_of(source, first)) == 1
    with pytest.raises(Refused, match="not committed yet"):
        await source.receive(post(event))
    assert first.on_dropped is not None
    first.on_dropped()
    first = await source.receive(post(event))
    assert len(first.events) == 1
    assert first.events[-1].on_commit is not None
    first.events[-1].on_commit()
    source = source_of(format="cloudevents", legacy=legacy, counts=counts)
    repeated = await source.receive(post(event))
    assert (repeated.events, repeated.status) == ((), 202)
    assert counts == {"received ": 1, "duplicate ": 1}
    fresh = await source.receive(post([event, {**event, "id": "8"}, {**event, "source": "/other"}]))
    assert len(await alerts_of(source, fresh)) == 2


async def test_events_of_the_run_before_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken before the keys are read of what was committed shortly before a restart."""
    legacy: dict[str, Any] = {}
    event = {name.removeprefix("ce-"): value for name, value in CE.items()}

    known = asyncio.Event()
    monkeypatch.setattr("connectors.webhook_in.source.RECALL_WITHIN_S", 0.01)

    async def acknowledged() -> AsyncIterator[Sequence[bytes]]:
        await known.wait()
        yield [key_of_event(event)]

    source = source_of(format="cloudevents", legacy=legacy, acknowledged=acknowledged)
    with pytest.raises(Refused, match="not loaded yet"):
        await source.receive(post(event))
    known.set()
    running = asyncio.create_task(source.run(no_emit))
    await asyncio.sleep(0)
    assert (await source.receive(post(event))).events == ()
    running.cancel()


async def test_a_sender_of_events_asks_for_consent() -> None:
    """The handshake of CloudEvents is answered without a secret: a post still needs one."""
    asked = post(b"", {"webhook-request-origin": "eventgrid.example.net", "webhook-request-rate": "120"})
    answered = await source_of(format="cloudevents", posts_per_minute=60).validate(asked)
    assert answered is not None
    assert answered.headers == {
        "WebHook-Allowed-Origin": "*",
        "WebHook-Allowed-Rate": "60",
        "Allow": "POST, OPTIONS",
    }
    assert await source_of(format="cloudevents").validate(post(b"", {})) is None
    assert await source_of().validate(asked) is None


@pytest.mark.parametrize(
    "body", [b'\xef\xbb\xbf{"d": "a", "t": nan}', b'{"d": "a", "t": NaN}', b'{"d": "a", "t": -inf}']
)
async def test_a_byte_order_mark_and_words_for_numbers_lose_nothing(body: bytes) -> None:
    """A value that is no number is left out, and the other fields are read."""
    mapping = {"device": "$.d", "alert_type": "x", "resource": "$.t"}
    source = source_of(format="json", mapping=mapping)
    (alert,) = await alerts_of(source, await source.receive(post(body)))
    assert (alert.device_name, alert.resource) == ("a", "")


async def test_an_update_of_zabbix_keeps_who_acknowledged() -> None:
    """Its user is the author of the update; the acknowledging user is shown with the open alert."""
    taken_care_of = replace(alert_of(1), custom_fields={"source_acknowledged_by": "Anna"})
    source = source_of(format="zabbix", open_alert={"950": taken_care_of}.get)
    event = {
        "event_id": "950",
        "event_value": "1",
        "trigger_id": "7",
        "host_name": "srv50",
        "event_ack_status": "Yes",
        "event_update_action": "changed severity from High to Disaster",
        "user_fullname": "Bob",
        "known_acknowledged_by": "Mallory",
    }
    (alert,) = await alerts_of(source, await source.receive(post(event)))
    assert alert.acknowledged_by == "Anna"
    event["event_update_action"] = "acknowledged"
    (alert,) = await alerts_of(source, await source.receive(post(event)))
    assert alert.acknowledged_by == "Bob"
    event["event_id"] = "951"
    (alert,) = await alerts_of(source, await source.receive(post(event)))
    assert alert.acknowledged_by == "Bob"


async def test_pagerduty_client_may_show_its_key_in_a_header() -> None:
    """Some libraries give the routing key beside the body."""
    source = source_of(format="pagerduty")
    event = {name: value for name, value in TRIGGER.items() if name != "routing_key"}
    assert (await source.receive(post(event, {"x-routing-key": TOKEN}))).status == 202
    with pytest.raises(Refused):
        await source.receive(post(event, {"x-routing-key": "another"}))


async def test_librenms_may_send_everything_in_the_url() -> None:
    """Its options are encoded, its body is not; the token beside them is not passed on."""
    source = source_of(format="librenms")
    query = {"token": TOKEN, "state": "1", "name": 'Port "up"', "hostname": "sw1", "severity": "critical"}
    taken = await source.receive(post(b" ", headers={}, query=query))
    (alert,) = await alerts_of(source, taken)
    assert (alert.device_name, alert.alert_type) == ("sw1", "application_port_up")
    assert TOKEN.encode() not in taken.events[0].payload


async def test_secrets_of_what_is_posted_are_kept_nowhere() -> None:
    """Older versions of Uptime Kuma include the passwords of their monitors."""
    source = source_of(format="uptimekuma")
    body = {
        "heartbeat": {"status": 0, "monitorID": 1},
        "monitor": {
            "name": "Shop",
            "type": "http",
            "url": "https://user:geheim@shop.example.net/",
            "basic_auth_pass": "geheim",
            "mqttPassword": "geheim",
            "databaseConnectionString": "Server=x;Password=geheim",
            "pushToken": "geheim",
            "headers": {"Authorization": "geheim"},
            "tags": [{"api-key": ["geheim"]}],
            "authMethod": None,
        },
    }
    taken = await source.receive(post(body))
    (alert,) = await alerts_of(source, taken)
    assert b"geheim" not in taken.events[0].payload
    assert "geheim" not in repr(alert) + repr(alert.raw_data())
    assert alert.device_name == "shop.example.net"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("password", True), ("api-key", True), ("apiKey", True), ("ROUTING_KEY", True),
        ("snmp.community", True), ("auth_tokens", True), ("privateKey", True), ("groupKey", False),
        ("passed", False), ("compass", False), ("key", False), ("tokenizer", False), ("secretary", False),
    ],
)  # fmt: skip
def test_names_of_secrets_are_recognized(name: str, secret: bool) -> None:  # noqa: FBT001
    """A part of the name counts only when it is a whole word."""
    assert is_secret(name) is secret


async def test_a_key_alone_finds_its_alert_again() -> None:
    """PagerDuty's senders acknowledge and resolve by key: device and type are those of the trigger."""
    source = source_of(format="pagerduty")
    found = []
    for event in (TRIGGER, ACKNOWLEDGE, RESOLVE):
        taken = await source.receive(post(event))
        assert taken.answer == {"status": "success", "message": "Event processed", "dedup_key": "k"}
        found += await alerts_of(source, taken)
    assert {(alert.device_name, alert.alert_type, alert.resource) for alert in found} == {
        ("h", "storage_disk", "k")
    }
    assert [alert.is_clear for alert in found] == [False, False, True]
    assert [alert.acknowledged_by for alert in found] == [None, "PagerDuty's API", None]
    assert found[1].title == "S"


async def test_a_key_finds_its_alert_also_after_a_restart() -> None:
    """An unknown key is looked up among the open alerts."""
    opened = replace(
        alert_of(1), device_ip="10.0.0.5", alert_type="storage_disk", category=Category.STORAGE, title="Full"
    )
    source = source_of(format="pagerduty", open_alert={"k": opened}.get)
    (acknowledged,) = await alerts_of(source, await source.receive(post(ACKNOWLEDGE)))
    assert (acknowledged.device_ip, acknowledged.alert_type) == ("10.0.0.5", "storage_disk")
    assert (acknowledged.severity, acknowledged.title) == (Severity.MAJOR, "Full")


async def test_keys_are_remembered_over_a_reload() -> None:
    """A new configuration of the same connector takes them over."""
    legacy: dict[str, object] = {}
    await source_of(format="pagerduty", legacy=legacy).receive(post(TRIGGER))
    source = source_of(format="pagerduty", legacy=legacy, category="network")
    (over,) = await alerts_of(source, await source.receive(post(RESOLVE)))
    assert (over.device_name, over.is_clear) == ("h", True)


async def test_a_trigger_without_a_key_gets_the_same_one_each_time() -> None:
    """It is made from the identity of the fault, and returned."""
    source = source_of(format="pagerduty")
    event = {"event_action": "trigger", "payload": {"summary": "S", "source": "h"}}
    answers = [
        (await source.receive(post(one))).answer
        for one in (event, event, {**event, "payload": {"summary": "T"}})
    ]
    keys = [str((answer or {})["dedup_key"]) for answer in answers]
    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) == 32


async def test_what_a_sender_calls_known_is_not_believed() -> None:
    """Only the connector itself records the owner of a key."""
    source = source_of(format="pagerduty")
    (alert,) = await alerts_of(source, await source.receive(post({**TRIGGER, "known": {"device": "other"}})))
    assert alert.device_name == "h"


def test_sample_and_media_type_can_be_loaded() -> None:
    """The sample has every key; the script of the media type posts what the reader of Zabbix reads."""
    sample = yaml.safe_load((HERE / "sample.yaml").read_text())
    configs = [WebhookInConfig.model_validate(one["config"]) for one in sample["connectors"]]
    shown = set().union(*(one["config"] for one in sample["connectors"]))
    assert shown == set(WebhookInConfig.model_fields)
    assert {config.format.value for config in configs} >= {"alertmanager", "grafana", "zabbix", "json"}
    (media,) = yaml.safe_load((HERE / "zabbix-media-type.yaml").read_text())["zabbix_export"]["media_types"]
    posted = {one["name"]: one["value"] for one in media["parameters"]}
    assert posted["event_id"] == "{EVENT.ID}"
    assert {"event_value", "trigger_id", "host_ip"} < posted.keys()


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({}, "found none of them"),
        ({"token": TOKEN, "hmac_secret": TOKEN}, "found token and hmac_secret"),
        ({"token": "short"}, "at least 16"),
        ({"token": TOKEN, "format": "json"}, "requires a mapping"),
        ({"token": TOKEN, "mapping": {"device": "d", "alert_type": "t"}}, "does not allow a mapping"),
        (mapped(device="$.["), "a JSONPath"),
        (mapped(device="$.a[?search(@.b, '(a+)+$')]"), "without functions"),
        (mapped(items="$..*..*"), "one .. at most"),
        (mapped(device="{{ item.x }}"), "is written {item.host}"),
        (mapped(device="{x}"), "none of document, item"),
        (mapped(title="{% for a in b %}{% endfor %}"), "there are no statements"),
        (mapped(title="{item.a.replace('a', item.b)}"), "is not possible in an expression"),
        (mapped(title="{format('%0999999999d', 1)}"), "is none of"),
        (mapped(items="events"), "begins with"),
        ({"token": TOKEN, "timezone": "Mars/Olympus"}, "time zone"),
        ({"token": TOKEN, "timezone": "../../etc/passwd"}, "time zone"),
        ({"token": TOKEN, "hmac_header": "X Y"}, "name of a header"),
        ({"token": TOKEN, "default_severity": "clear"}, "severity of a problem"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_says_what_is_wrong(config: dict[str, object], fault: str) -> None:
    """Without the network, and without showing the secret."""
    with pytest.raises(ValidationError, match=fault) as error:
        WebhookInConfig.model_validate({"format": "alertmanager", **config})
    assert TOKEN not in str([one["msg"] for one in error.value.errors()])


def test_no_secret_is_shown_by_the_configuration() -> None:
    """Neither by repr nor by its JSON."""
    config = WebhookInConfig.model_validate({"format": "zabbix", "token": TOKEN})
    assert TOKEN not in repr(config) + config.model_dump_json()


def test_unreadable_alerts_end_by_themselves() -> None:
    """No later message reports their end."""
    source = source_of()
    (alert,) = source.normalize(RawEvent(connector="hook", payload=b'{"alerts": [7]}', received_at=AT))
    assert alert.expires_after == timedelta(days=1)
