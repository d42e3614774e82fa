"""Posts to connectors, and the view of connectors."""

import asyncio
import gzip
import json
from datetime import UTC, datetime

import pytest

from opsconductor.api.handlers import inbound_webhooks
from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from tests.support.api.api_stage import BODY_BYTES, Caller, Stage, problem
from tests.support.api.webhook_posts import source_of

pytest_plugins = ["tests.integration.api_fixtures"]

WEBHOOK = "/connectors/prtg/webhook"
SECRET = "a secret of sixteen"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Prtg:
    """Takes JSON with a secret in a header."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    def is_proven(self, head: Post) -> bool:
        """Look at the secret."""
        assert head.body == b""
        if head.headers.get("x-secret") != SECRET:
            raise Refused("wrong_secret", "the secret is wrong", status=401)
        return True

    async def receive(self, post: Post) -> PostResult:
        """Look at the body."""
        self.posts.append(post)
        try:
            document = json.loads(post.body)
        except ValueError as error:
            raise DecodeError("no_json", str(error)) from error
        events = [
            RawEvent(connector="prtg", payload=title.encode(), received_at=post.received_at)
            for title in document["titles"]
        ]
        return PostResult(events=events, status=202, answer=document.get("answer"))

    def normalize(self, raw: RawEvent) -> list[NormalizedAlert]:
        """Make one alert."""
        return [problem(raw.payload.decode(), resource=raw.payload.decode())]

    async def check(self) -> CheckResult:
        """Report that all is good."""
        return CheckResult(ok=True, message="answers", details={"version": "24"})


@pytest.fixture
def prtg(stage: Stage) -> Prtg:
    """A connector that takes posts."""
    stage.desk.parts["prtg"] = prtg = Prtg()
    return prtg


async def test_a_post_is_answered_once_its_alerts_are_committed(
    stage: Stage, prtg: Prtg, stranger: Caller
) -> None:
    """No key is needed: the connector checks its own secret; every event is in the database by then."""
    reply = await stranger.post(WEBHOOK, {"titles": ["a", "b"]}, headers={"X-Secret": SECRET})
    assert (reply.status, reply.data) == (202, {"events": 2})
    assert await stage.pool.fetchval("SELECT count(*) FROM alerts") == 2
    reply = await stranger.post(f"{WEBHOOK}?secret=x&b=1", {"titles": []}, headers={"X-Secret": SECRET})
    assert (reply.status, prtg.posts[1].query) == (202, {"secret": "x", "b": "1"})
    assert (prtg.posts[0].peer, prtg.posts[0].headers["x-secret"]) == ("127.0.0.1", SECRET)
    assert stage.desk.counts == {("prtg", "received", ""): 2}


@pytest.mark.parametrize("method", ["is_proven", "receive"])
async def test_a_connector_that_fails_with_a_post_answers_500_and_is_counted(
    stage: Stage,
    prtg: Prtg,
    stranger: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    """The sender gets no detail, the log has the traceback once, and the next post is accepted."""

    class AcmeError(Exception):
        """An error of a library of its own."""

    def fail(_post: Post) -> bool:
        raise AcmeError("the secret is " + SECRET)

    with monkeypatch.context() as patch:
        patch.setattr(prtg, method, fail)
        for _ in range(20):
            reply = await stranger.post(WEBHOOK, {"titles": ["a"]}, headers={"X-Secret": SECRET})
            assert (reply.status, reply.error["code"]) == (500, "connector_failed")
            assert SECRET not in json.dumps(reply.error)
    assert stage.desk.counts == {
        ("prtg", "received", ""): 20,
        ("prtg", "refused", "connector_failed"): 20,
    }
    failures = [each for each in caplog.records if each.message == "a connector failed with a post"]
    assert len(failures) == 1
    assert failures[0].exc_info
    reply = await stranger.post(WEBHOOK, {"titles": ["a"]}, headers={"X-Secret": SECRET})
    assert reply.status == 202


async def test_a_connector_that_hangs_with_a_post_gives_its_place_back(
    stage: Stage, prtg: Prtg, stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The places are shared by all connectors."""

    async def hang(_post: Post) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(inbound_webhooks, "RECEIVED_WITHIN_S", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(prtg, "receive", hang)
        reply = await stranger.post(WEBHOOK, {"titles": ["a"]}, headers={"X-Secret": SECRET})
        assert (reply.status, reply.error["code"]) == (500, "connector_failed")
    reply = await stranger.post(WEBHOOK, {"titles": ["a"]}, headers={"X-Secret": SECRET})
    assert reply.status == 202
    assert stage.desk.counts["prtg", "refused", "connector_failed"] == 1


async def test_client_libraries_of_pagerduty_reach_their_connector(prtg: Prtg, stranger: Caller) -> None:
    """They append a path to the base URL that they are given; change events have another one."""
    for added in ("/v2/enqueue", "/v2/change/enqueue"):
        reply = await stranger.post(WEBHOOK + added, {"titles": []}, headers={"X-Secret": SECRET})
        assert reply.status == 202
    assert len(prtg.posts) == 2
    assert (await stranger.post(f"{WEBHOOK}/v3/enqueue", {}, headers={"X-Secret": SECRET})).status == 404


async def test_a_sender_of_cloudevents_asks_for_consent(stage: Stage, stranger: Caller) -> None:
    """The handshake needs no secret; connectors that are not asked in that way say that there is nothing."""
    stage.desk.parts["events"] = source_of(format="cloudevents", posts_per_minute=120)
    stage.desk.parts["groups"] = source_of()
    asked = {"WebHook-Request-Origin": "grid.example.net", "WebHook-Request-Rate": "100"}
    reply = await stranger.ask("OPTIONS", "/connectors/events/webhook", headers=asked)
    assert reply.status == 200
    assert reply.headers["WebHook-Allowed-Origin"] == "*"
    assert reply.headers["WebHook-Allowed-Rate"] == "120"
    for name in ("groups", "unknown"):
        reply = await stranger.ask("OPTIONS", f"/connectors/{name}/webhook", headers=asked)
        assert reply.status == 404


async def test_a_connector_may_answer_in_its_own_words(prtg: Prtg, stranger: Caller) -> None:
    """Senders that expect a document get exactly that."""
    assert isinstance(prtg, Prtg)
    body = {"titles": ["a"], "answer": {"status": "success", "dedup_key": "k"}}
    reply = await stranger.post(WEBHOOK, body, headers={"X-Secret": SECRET})
    assert (reply.status, reply.body) == (202, body["answer"])


async def test_an_uncommitted_post_is_not_acknowledged(
    stage: Stage, prtg: Prtg, stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer asks the sender to send it again."""
    monkeypatch.setattr(inbound_webhooks, "COMMITTED_WITHIN_S", 0.01)
    stage.desk.is_stuck = True
    reply = await stranger.post(WEBHOOK, {"titles": ["a"]}, headers={"X-Secret": SECRET})
    assert (reply.status, reply.error["code"], len(prtg.posts)) == (503, "unavailable", 1)
    assert reply.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("secret", "refusal"),
    [("wrong", (401, "refused", "wrong_secret")), (SECRET, (400, "undecodable", "no_json"))],
)
async def test_a_refusal_is_reported_and_counted(
    stage: Stage,
    stranger: Caller,
    caplog: pytest.LogCaptureFixture,
    secret: str,
    refusal: tuple[int, str, str],
) -> None:
    """The answer has the reason; log and ledger have it too; no secret is in the log."""
    status, counted, reason = refusal
    stage.desk.parts["prtg"] = Prtg()
    reply = await stranger.ask("POST", WEBHOOK, data=b"no json", headers={"X-Secret": secret})
    assert (reply.status, reply.error["code"]) == (status, reason)
    assert stage.desk.counts == {("prtg", "received", ""): 1, ("prtg", counted, reason): 1}
    (entry,) = [record for record in caplog.records if record.message == "a post was refused"]
    assert (entry.connector, entry.address, entry.reason, entry.amount) == ("prtg", "127.0.0.1", reason, 1)  # type: ignore[attr-defined]
    assert secret not in caplog.text.replace("wrong_secret", "")


async def test_the_secrets_of_connectors_are_none_of_the_gates_business(prtg: Prtg, stranger: Caller) -> None:
    """A Bearer token may be the connector's own secret: it is not looked up among our keys."""
    headers = {"X-Secret": SECRET, "Authorization": "Bearer the connector's own"}
    for _ in range(20):
        assert (await stranger.post(WEBHOOK, {"titles": []}, headers=headers)).status == 202
    assert len(prtg.posts) == 20


async def test_a_full_connector_answers_with_a_time_to_wait(
    stage: Stage, prtg: Prtg, stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status goes to the sender unchanged, with the time to wait."""

    async def full(_post: Post) -> PostResult:
        raise Refused("too_many_posts", "too many posts", status=503)

    monkeypatch.setattr(prtg, "receive", full)
    reply = await stranger.post(WEBHOOK, {}, headers={"X-Secret": SECRET})
    assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "too_many_posts", "5")
    assert stage.desk.counts["prtg", "refused", "too_many_posts"] == 1


async def test_a_connector_says_that_a_post_is_too_large(
    prtg: Prtg, stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has its status and its own words, not those about bytes."""

    async def too_many(_post: Post) -> PostResult:
        raise Refused("too_many_alerts", "2 alerts in one post, 1 is taken", status=413)

    monkeypatch.setattr(prtg, "receive", too_many)
    reply = await stranger.post(WEBHOOK, {}, headers={"X-Secret": SECRET})
    assert (reply.status, reply.error["code"]) == (413, "too_many_alerts")
    assert reply.error["message"] == "2 alerts in one post, 1 is taken"


async def test_posts_under_another_name_are_not_found(stranger: Caller) -> None:
    """A name that is wrong, or of a connector that only polls, is not found."""
    reply = await stranger.post("/connectors/unknown/webhook", {})
    assert (reply.status, reply.error["code"]) == (404, "not_found")


async def test_a_body_that_is_too_long_is_refused_also_when_it_is_packed(
    stage: Stage, prtg: Prtg, stranger: Caller
) -> None:
    """The unpacked size counts; a small packed body is accepted."""
    packed = {"X-Secret": SECRET, "Content-Encoding": "gzip"}
    long = json.dumps({"titles": ["a" * BODY_BYTES]}).encode()
    for body, headers in ((long, {"X-Secret": SECRET}), (gzip.compress(long), packed)):
        reply = await stranger.ask("POST", WEBHOOK, data=body, headers=headers)
        assert reply.status == 413
    assert prtg.posts == []
    assert stage.desk.counts == {("prtg", "received", ""): 2, ("prtg", "refused", "too_large"): 2}
    (shown,) = stage.desk.rejections.latest("prtg")
    assert (shown.reason, shown.count) == ("too_large", 2)
    small = gzip.compress(b'{"titles": ["a"]}')
    assert (await stranger.ask("POST", WEBHOOK, data=small, headers=packed)).status == 202


async def test_people_see_how_connectors_are(stage: Stage, viewer: Caller) -> None:
    """The list has status, times, counts and the path for posts."""
    state = ConnectorState(
        name="prtg",
        type="prtg",
        role="source",
        enabled=True,
        status=ConnectorStatus.ERROR,
        error_message="no route",
        takes_posts=True,
        last_poll_at=NOW,
        last_success_at=None,
        alerts_received=7,
        alerts_today=3,
    )
    stage.desk.known = [state]
    (shown,) = (await viewer.get("/connectors")).data
    assert (shown["name"], shown["status"], shown["error_message"]) == ("prtg", "error", "no route")
    assert shown["webhook"] == "/api/v1/connectors/prtg/webhook"
    assert (shown["last_poll_at"], shown["last_success_at"]) == ("2026-01-02T03:04:05Z", None)
    assert (shown["alerts_received"], shown["alerts_today"]) == (7, 3)


async def test_operators_let_a_connector_try(prtg: Prtg, operator: Caller, viewer: Caller) -> None:
    """The answer is the result of the check; viewers may not ask, and an unknown name is not found."""
    reply = await operator.post("/connectors/prtg/check")
    assert reply.data == {"ok": True, "message": "answers", "details": {"version": "24"}}
    assert (await viewer.post("/connectors/prtg/check")).status == 403
    assert (await operator.post("/connectors/gone/check")).status == 404
    assert prtg.posts == []
