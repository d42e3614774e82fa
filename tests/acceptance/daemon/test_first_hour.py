"""The main job, from outside: real traps in, alerts, notifications out, a restart in between."""

import asyncio
import hashlib
import hmac
import json
import signal
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as email_policy
from functools import partial

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.daemons.daemon import Daemon, running
from tests.support.ports import free_port

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_UP = "1.3.6.1.6.3.1.1.5.4"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
HOOK_SECRET = "a secret of at least some length"


def port(index: int) -> tuple[str, str, str]:
    """Spell the varbind that names an interface."""
    return (f"{IF_INDEX}.{index}", "i", str(index))


class Hook:
    """A webhook receiver that keeps its deliveries and checks every signature."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []
        self.forged = 0

    async def take(self, request: web.Request) -> web.Response:
        """Keep one delivery."""
        body = await request.read()
        signed = request.headers["X-OpsConductor-Timestamp"].encode() + b"." + body
        wanted = "sha256=" + hmac.new(HOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers["X-OpsConductor-Signature"], wanted):
            self.forged += 1
        self.bodies.append(json.loads(body))
        return web.Response(status=204)

    def deliveries(self) -> list[tuple[str, str, str]]:
        """List the deliveries as (kind, device, resource), in order of arrival."""
        alerts = [(body["kind"], body["alert"]) for body in self.bodies]
        return [(str(kind), str(alert["device_ip"]), str(alert["resource"])) for kind, alert in alerts]  # type: ignore[index]


class Mailbox:
    """An SMTP server's handler that keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take one message."""
        message = BytesParser(policy=email_policy).parsebytes(bytes(envelope.content or b""))
        self.messages.append(message)  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    """A real HTTP server that takes webhooks; with its URL."""
    taker = Hook()
    app = web.Application()
    app.router.add_post("/hook", taker.take)
    runner = web.AppRunner(app)
    await runner.setup()
    number = free_port()
    await web.TCPSite(runner, "127.0.0.1", number).start()
    yield taker, f"http://127.0.0.1:{number}/hook"
    await runner.cleanup()


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, int]]:
    """A real SMTP server; with its port."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, server.port
    server.stop()


async def eventually(condition: object, within_s: float = 15) -> None:
    """Wait until a condition holds; fail if it never does."""
    async with asyncio.timeout(within_s):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.1)


async def test_four_traps_are_four_alerts_and_a_clear_resolves_its_own_port(daemon: Daemon) -> None:
    """Two devices with two ports down are four alerts; repeats count; linkUp ends one port's alone."""
    async with running(daemon):
        for source in ("127.0.0.1", "127.0.0.2"):
            for index in (7, 8):
                await daemon.trap(LINK_DOWN, *port(index), source=source)
        await daemon.alerts_when(lambda found: len(found) == 4)
        await daemon.trap(LINK_DOWN, *port(7))
        await daemon.trap(LINK_DOWN, *port(7))
        await daemon.trap(LINK_UP, *port(7))
        await daemon.alerts_when(lambda found: sum(a["status"] == "resolved" for a in found) == 1)
        found = await daemon.alerts()
        by_identity = {(a["device_ip"], a["resource"]): a for a in found}
        assert len(by_identity) == len(found) == 4
        ended = by_identity["127.0.0.1", "ifIndex=7"]
        assert (ended["status"], ended["occurrence_count"]) == ("resolved", 3)
        assert {a["status"] for key, a in by_identity.items() if key != ("127.0.0.1", "ifIndex=7")} == {
            "active"
        }


async def test_inform_is_answered_after_its_alert_is_in_the_database(daemon: Daemon) -> None:
    """When snmpinform returns, the alert can be read: the answer leaves after the commit."""
    async with running(daemon):
        await daemon.trap(LINK_DOWN, *port(3), tool="snmpinform")
        found = await daemon.alerts()
        assert [(a["device_ip"], a["resource"], a["occurrence_count"]) for a in found] == [
            ("127.0.0.1", "ifIndex=3", 1)
        ]


async def test_cause_is_notified_and_its_consequence_is_not(
    daemon: Daemon, hook: tuple[Hook, str], mailbox: tuple[Mailbox, int]
) -> None:
    """A device behind a broken one is suppressed and names its cause; only the cause is sent."""
    taker, url = hook
    box, smtp_port = mailbox
    daemon.declare(
        "noc",
        connectors=[
            {"name": "noc-hook", "type": "webhook", "config": {"url": url, "secret": HOOK_SECRET}},
            {
                "name": "noc-mail",
                "type": "email",
                "config": {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "from": "ops@example.org"},
            },
        ],
        devices=[
            {"ip_address": "127.0.0.1", "name": "core-1"},
            {"ip_address": "127.0.0.2", "name": "access-1"},
        ],
        dependencies=[{"device_ip": "127.0.0.2", "depends_on_ip": "127.0.0.1", "dependency_type": "network"}],
        notification_rules=[
            {
                "name": "majors",
                "conditions": {"severity": ["critical", "major"]},
                "channels": [
                    {"channel": "noc-hook"},
                    {"channel": "noc-mail", "recipients": ["noc@example.org"]},
                ],
            }
        ],
    )
    async with running(daemon):
        await daemon.trap(LINK_DOWN, *port(9), source="127.0.0.2")
        await daemon.trap(LINK_DOWN, *port(1), source="127.0.0.1")
        found = await daemon.alerts_when(lambda all_: any(a["status"] == "suppressed" for a in all_))
        by_name = {a["device_name"]: a for a in found}
        assert by_name["access-1"]["correlated_to_id"] == by_name["core-1"]["id"]
        await eventually(lambda: bool(taker.bodies) and bool(box.messages))
        await daemon.trap(LINK_UP, *port(9), source="127.0.0.2")
        await daemon.trap(LINK_UP, *port(1), source="127.0.0.1")
        await daemon.alerts_when(lambda all_: all(a["status"] == "resolved" for a in all_))
        await eventually(lambda: len(taker.bodies) >= 2 and len(box.messages) >= 2)
    wanted = [("problem", "127.0.0.1", "ifIndex=1"), ("recovery", "127.0.0.1", "ifIndex=1")]
    assert taker.deliveries() == wanted
    assert taker.forged == 0
    subjects = [str(message["Subject"]) for message in box.messages]
    assert len(subjects) == 2
    assert "core-1" in subjects[0]
    assert "MAJOR" in subjects[0]
    assert "RESOLVED" in subjects[1]


async def test_stop_and_start_keep_the_state(daemon: Daemon) -> None:
    """After SIGTERM and a new start the same alerts are open and repeats still fold into them."""
    async with running(daemon):
        await daemon.trap(LINK_DOWN, *port(7))
        before = await daemon.alerts_when(lambda found: len(found) == 1)
        assert await daemon.stop(signal.SIGTERM) == 0
        await daemon.start()
        assert await daemon.alerts() == before
        await daemon.trap(LINK_DOWN, *port(7))
        after = await daemon.alerts_when(lambda found: found[0]["occurrence_count"] == 2)
        assert [a["id"] for a in after] == [a["id"] for a in before]


def is_logged(daemon: Daemon, word: str) -> bool:
    """Return whether a word is in the log."""
    return word in daemon.log.read_text()


async def test_reload_takes_a_good_file_and_refuses_a_bad_one(daemon: Daemon) -> None:
    """SIGHUP applies new provisioning; a faulty file changes nothing and is named in the log."""
    async with running(daemon):
        assert daemon.process is not None
        daemon.declare("more", devices=[{"ip_address": "127.0.0.5", "name": "edge-5"}])
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.notified("READY=1", 10)
        await daemon.trap(LINK_DOWN, *port(1), source="127.0.0.5")
        found = await daemon.alerts_when(lambda all_: len(all_) == 1)
        assert found[0]["device_name"] == "edge-5"
        daemon.declare("bad", devices=[{"ip_address": "not an address", "name": "x"}], typo=[])
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.notified("READY=1", 10)
        for word in ("bad.yaml", "typo"):
            await eventually(partial(is_logged, daemon, word))  # a thread writes the log
        await daemon.trap(LINK_DOWN, *port(2), source="127.0.0.5")
        await daemon.alerts_when(
            lambda all_: len(all_) == 2 and {a["device_name"] for a in all_} == {"edge-5"}
        )


async def test_command_line_shows_acknowledges_and_resolves(daemon: Daemon) -> None:
    """`alerts`, `alerts show`, `ack` and `resolve` work on the same machine without any set-up."""
    async with running(daemon, "env"):
        await daemon.trap(LINK_DOWN, *port(7))
        (alert,) = await daemon.alerts_when(lambda found: len(found) == 1)
        identifier = str(alert["id"])
        assert "127.0.0.1" in await daemon.run_as_process("alerts", "list")
        assert identifier in await daemon.run_as_process("alerts", "show", identifier)
        await daemon.run_as_process("alerts", "ack", identifier)
        assert (await daemon.alerts())[0]["status"] == "acknowledged"
        await daemon.run_as_process("alerts", "resolve", identifier)
        assert (await daemon.alerts())[0]["status"] == "resolved"


async def test_token_works_and_prints_alone_on_the_last_line(daemon: Daemon) -> None:
    """`token create` ends with a line that has nothing but the key, and the API accepts it."""
    async with running(daemon):
        out = await daemon.run_as_process("token", "create", "--role", "viewer", "--name", "wallboard")
        key = out.splitlines()[-1]
        answer = await daemon.api("/alerts", token=key)
        assert answer["success"] is True
        refused = await daemon.api("/alerts", token="ops_unknown_key")
        assert refused["success"] is False
