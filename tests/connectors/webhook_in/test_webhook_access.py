"""Access of senders: credentials and limits."""

import base64
import hmac
from collections.abc import Mapping

import pytest

from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError, Refused
from tests.support.api.webhook_posts import ALERT, AT, BEARER, GROUP, TOKEN, alerts_of, post, source_of

KEY = "a key of 16 bytes"
BODY = b'{"alerts": []}'
BASIC = {"basic": {"username": "zab", "password": "geheim:12"}}


def basic(credentials: str) -> dict[str, str]:
    """Write the header of basic authentication."""
    return {"authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


def signed(body: bytes, algorithm: str = "sha256", key: str = KEY) -> str:
    """Sign as senders do."""
    return hmac.new(key.encode(), body, algorithm).hexdigest()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        (BEARER, {}),
        ({"authorization": f"bearer  {TOKEN}"}, {}),
        ({"authorization": f"Token {TOKEN}"}, {}),
        ({"x-auth-token": TOKEN}, {}),
        ({}, {"token": TOKEN}),
    ],
)
async def test_a_token_is_taken_wherever_senders_can_put_it(
    headers: Mapping[str, str], query: Mapping[str, str]
) -> None:
    """In a header, in another, or in the URL."""
    taken = await source_of().receive(post(headers=headers, query=query))
    assert (len(taken.events), taken.status) == (1, 200)


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, {}),
        ({"authorization": f"Bearer {TOKEN}x"}, {}),
        ({"authorization": TOKEN}, {}),
        ({"authorization": "Bearer "}, {"token": ""}),
        ({"authorization": "Bearer \udcff\N{SNOWMAN}"}, {}),
        (basic(f"x:{TOKEN}"), {}),
    ],
)
async def test_without_the_token_nothing_is_taken(
    headers: Mapping[str, str], query: Mapping[str, str]
) -> None:
    """The refusal does not say which part was wrong, and shows nothing of the secret."""
    with pytest.raises(Refused) as refusal:
        await source_of().receive(post(headers=headers, query=query))
    assert (refusal.value.reason, refusal.value.status) == ("unauthorized", 401)
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("headers", "is_in"),
    [
        (basic("zab:geheim:12"), True),
        (basic("zab:geheim"), False),
        (basic("zab"), False),
        ({"authorization": "Basic !!!"}, False),
        ({"authorization": "Bearer geheim:12"}, False),
        ({}, False),
    ],
)
async def test_user_and_password_are_compared_whole(headers: Mapping[str, str], is_in: bool) -> None:  # noqa: FBT001
    """Both must be right; invalid base64 is wrong, not an error."""
    assert await lets_in(headers, **BASIC) is is_in


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("prefix", ["", "{algorithm}="])
async def test_a_signature_is_checked_with_and_without_its_prefix(algorithm: str, prefix: str) -> None:
    """Case does not matter, a change of the body does."""
    signature = prefix.format(algorithm=algorithm) + signed(BODY, algorithm)
    config = {"hmac_secret": KEY, "hmac_header": "X-Signature", "hmac_algorithm": algorithm}
    assert await lets_in({"x-signature": signature}, BODY, **config)
    assert await lets_in({"x-signature": signature.upper().replace("SHA", "sha")}, BODY, **config)
    assert not await lets_in({"x-signature": signature}, BODY + b" ", **config)
    assert not await lets_in({}, BODY, **config)


async def test_the_usual_header_depends_on_the_sender() -> None:
    """Grafana has one of its own."""
    for form, header in (
        ("grafana", "x-grafana-alerting-signature"),
        ("alertmanager", "x-hub-signature-256"),
    ):
        assert await lets_in({header: signed(BODY)}, BODY, hmac_secret=KEY, format=form)


@pytest.mark.parametrize(
    ("age_s", "is_in"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)]
)
async def test_a_recorded_post_is_good_for_five_minutes(age_s: int, is_in: bool) -> None:  # noqa: FBT001
    """The signed time must be near ours; it cannot be replaced by another."""
    at = str(int(AT.timestamp()) - age_s)
    config = {"hmac_secret": KEY, "hmac_timestamp_header": "X-Time"}
    headers = {"x-hub-signature-256": signed(f"{at}:".encode() + BODY), "x-time": at}
    assert await lets_in(headers, BODY, **config) is is_in
    assert not await lets_in({**headers, "x-time": str(int(AT.timestamp()) + 1)}, BODY, **config)
    assert not await lets_in({**headers, "x-time": "now"}, BODY, **config)


async def test_comparing_takes_the_same_steps_for_every_wrong_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways go through the comparison in constant time, also when nothing was given."""
    compared: list[int] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append(len(given))
        return given == expected

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for config in ({}, BASIC, {"hmac_secret": KEY}):
        assert not await lets_in({}, **config)
    assert len(compared) == 3


async def test_pagerduty_senders_show_the_token_as_routing_key() -> None:
    """It is in the body, and is not passed on."""
    source = source_of(format="pagerduty")
    event = {"routing_key": TOKEN, "event_action": "trigger", "payload": {"summary": "s", "source": "h"}}
    taken = await source.receive(post(event, headers={}))
    assert taken.status == 202
    assert TOKEN.encode() not in taken.events[0].payload
    for wrong in ({**event, "routing_key": "x"}, {**event, "routing_key": 7}, [event], b"{"):
        with pytest.raises(Refused):
            await source.receive(post(wrong, headers={}))


@pytest.mark.parametrize(
    ("config", "headers", "verdict"),
    [
        ({}, BEARER, "proven"),
        ({}, {}, "refused"),
        ({}, {"authorization": "Bearer wrong"}, "refused"),
        (BASIC, basic("zab:geheim:12"), "proven"),
        (BASIC, basic("zab:wrong"), "refused"),
        ({"format": "pagerduty"}, BEARER, "proven"),
        ({"format": "pagerduty"}, {}, "by body"),
        ({"hmac_secret": KEY}, {"x-hub-signature-256": "0" * 64}, "by body"),
        ({"hmac_secret": KEY}, {"x-hub-signature-256": " "}, "refused"),
        ({"hmac_secret": KEY}, {}, "refused"),
        ({"hmac_secret": KEY, "hmac_timestamp_header": "X-Time"}, {"x-hub-signature-256": "0"}, "refused"),
    ],
)
async def test_the_head_alone_is_judged_where_it_can_be(
    config: Mapping[str, object], headers: Mapping[str, str], verdict: str
) -> None:
    """A secret in the head proves the sender or not; only signatures and routing keys wait for the body."""
    try:
        judged = "proven" if source_of(**config).is_proven(post(b"", headers=headers)) else "by body"
    except Refused:
        judged = "refused"
    assert judged == verdict


async def test_bodies_of_strangers_are_not_searched_when_they_are_long() -> None:
    """PagerDuty takes 512 KiB; beyond that the secret must be in a header."""
    event = {"routing_key": TOKEN, "event_action": "trigger", "payload": {"summary": "x" * 600_000}}
    with pytest.raises(Refused):
        await source_of(format="pagerduty").receive(post(event, headers={}))


async def test_too_many_posts_are_answered_with_503() -> None:
    """503, since Alertmanager drops posts refused with 429; unauthenticated posts use nothing up."""
    source = source_of(posts_per_minute=20)
    for _ in range(5):
        with pytest.raises(Refused, match="secret"):
            await source.receive(post(headers={}))
    taken = [await source.receive(post()) for _ in range(2)]
    with pytest.raises(Refused) as refusal:
        await source.receive(post())
    assert (len(taken), refusal.value.reason, refusal.value.status) == (2, "too_many_posts", 503)


async def test_of_too_many_alerts_the_first_are_taken() -> None:
    """The limit is exact; an alert says how many are missing, since the sender never sends them again."""
    source = source_of(max_alerts=3)
    assert len(await alerts_of(source, await source.receive(post({**GROUP, "alerts": [ALERT] * 3})))) == 3
    found = await alerts_of(source, await source.receive(post({**GROUP, "alerts": [ALERT] * 5})))
    assert [alert.alert_type for alert in found[:3]] == ["application_link_down"] * 3
    (missing,) = found[3:]
    assert missing.alert_type == "application_webhook_alerts_left_out"
    assert missing.title == "2 alerts of a post to hook were not accepted"


@pytest.mark.parametrize("body", [GROUP, []])
async def test_a_large_group_is_cut_into_parts(body: object) -> None:
    """More than a thousand alerts are taken, in events that others need not wait for."""
    source = source_of()
    alerts = [{**ALERT, "fingerprint": f"f{number}"} for number in range(2_300)]
    posted = {**GROUP, "alerts": alerts, "truncatedAlerts": 7} if body else alerts
    taken = await source.receive(post(posted))
    assert len(taken.events) == 5
    found = await alerts_of(source, taken)
    assert {alert.source_alert_id for alert in found} >= {f"f{number}" for number in range(2_300)}
    assert len(found) == 2_300 + (1 if body else 0)


async def test_too_many_alerts_that_cannot_be_cut_are_refused() -> None:
    """Where a path leads to the alerts, their document is one; the text says what to do."""
    mapping = {"items": "$.found", "device": "$.d", "alert_type": "x"}
    source = source_of(format="json", mapping=mapping)
    with pytest.raises(Refused, match="1001 alerts in one post, at most 1000") as refusal:
        await source.receive(post({"found": [{"d": "a"}] * 1_001}))
    assert (refusal.value.reason, refusal.value.status) == ("too_many_alerts", 413)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no_json"),
        (b"\xff\xfe", "no_json"),
        (b"[" * 100_000, "no_json"),
        (b"9" * 5_000, "no_json"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"7", "wrong_shape"),
        (b'{"alerts": {}}', "wrong_shape"),
    ],
)
async def test_what_is_no_document_of_the_format_is_refused_by_reason(body: bytes, reason: str) -> None:
    """Nothing of it is passed on."""
    with pytest.raises(DecodeError) as failure:
        await source_of().receive(post(body))
    assert failure.value.reason == reason


async def test_the_check_shows_the_url_and_the_latest_post() -> None:
    """There is nothing to connect to."""
    source = source_of()
    assert "no post since the start" in (await source.check()).message
    await source.receive(post())
    check = await source.check()
    assert check.ok
    assert check.message == (
        "accepts alertmanager posts at /api/v1/connectors/hook/webhook; "
        "the last post was at 2026-01-02 03:04:05 UTC"
    )
    assert TOKEN not in str(check)


async def lets_in(headers: Mapping[str, str], body: object = GROUP, **config: object) -> bool:
    """Post an alert; return whether it was accepted."""
    try:
        await source_of(**config).receive(post(body, headers=headers))
    except Refused:
        return False
    return True


async def test_a_usual_post_is_taken_without_waiting() -> None:
    """The event is the one that `receive` makes; the secret is compared as there."""
    source = source_of()
    (usual,) = (await source.receive(post())).events
    assert source.receive_at_once(post()) == usual
    assert source.receive_at_once(post(headers={"authorization": "Bearer wrong"})) is None


@pytest.mark.parametrize(
    ("config", "posted"),
    [
        ({"format": "pagerduty"}, post()),
        ({"format": "cloudevents"}, post()),
        ({"format": "zabbix"}, post()),
        ({"idempotency_key": "$.delivery"}, post()),
        ({}, post(headers={**BEARER, "idempotency-key": "one"})),
        ({"max_alerts": 1}, post({"alerts": [ALERT] * 2})),
        ({}, post({"alerts": [ALERT] * 501})),
        ({"posts_per_minute": 1}, post()),
    ],
    ids=["pagerduty", "cloudevents", "zabbix", "key path", "key", "left out", "many", "budget"],
)
async def test_a_post_that_needs_more_is_left_to_receive(config: dict[str, object], posted: Post) -> None:
    """Whatever is remembered, waited for, cut up or refused is not taken at once."""
    source = source_of(**config)
    if "posts_per_minute" in config:
        assert source.receive_at_once(posted) is not None
    assert source.receive_at_once(posted) is None


async def test_a_post_that_is_left_to_receive_costs_once() -> None:
    """Neither one of very many alerts nor one that cannot be read uses up the posts per minute twice."""
    source = source_of(posts_per_minute=1)
    assert source.receive_at_once(post({"alerts": [ALERT] * 501})) is None
    with pytest.raises(DecodeError):
        source.receive_at_once(post(b"no json"))
    assert (await source.receive(post())).events
