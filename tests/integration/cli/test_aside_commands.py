"""`opsconductor aside`: set-aside data are listed, shown, tried again and removed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.asides import LiveAsides
from opsconductor.engine.engine import Engine
from opsconductor.errors import NormalizeError
from opsconductor.model.aside import AsideKind, SetAside, set_aside
from opsconductor.model.changes import Changes
from opsconductor.model.event import RawEvent
from opsconductor.model.masking import readable_content
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.store.access.local_token import ensure_local_token
from opsconductor.store.aside import find_aside, keep_aside
from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.daemons.live_daemon import live_daemon
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]


class Moody:
    """A source that cannot read anything, until the test lets it."""

    def __init__(self) -> None:
        self.error: Exception | None = NormalizeError("no_device", "names none")

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Report one problem, or fail."""
        if self.error is not None:
            raise self.error
        return [problem(raw.payload.decode(), device_ip=raw.peer)]


def an_aside(
    kind: AsideKind = AsideKind.EVENT, content: bytes = b"fan failed", **changes: object
) -> SetAside:
    """Make a row of `set_aside`."""
    values = {"origin": "toy", "subject": "10.1.1.1", "reason": "KeyError: 'x'", "at": datetime.now(UTC)}
    return set_aside(kind, content=content, **{**values, **changes})  # type: ignore[arg-type]


async def kept(stage: Stage, *asides: SetAside) -> str:
    """Set things aside; returns the short id of the first."""
    await keep_aside(stage.pool, asides)
    return str(asides[0].id)[-8:]


async def test_a_message_that_can_be_handled_now_is_handled_and_removed(
    stage: Stage, terminal: Terminal, tmp_path: Path
) -> None:
    """Before that it stays with the new reason; then the alert is there, with an entry in the audit log."""
    await ensure_local_token(stage.pool, tmp_path)
    toy = stage.desk.parts["toy"] = Moody()
    short = await kept(stage, an_aside())
    assert "KeyError: 'x'" in await terminal.run("aside", "list", "--kind", "event", "--origin", "toy")
    assert f"{short}: stays: no_device: names none" in await terminal.run("aside", "retry", short, fails=True)
    toy.error = ZeroDivisionError("by 0")
    assert "ZeroDivisionError: by 0" in await terminal.run("aside", "retry", short, fails=True)
    (row,) = json.loads(await terminal.run("aside", "list", "--json"))
    assert row["reason"].startswith("ZeroDivisionError: by 0 (")
    assert stage.engine.open_alerts() == []
    toy.error = None
    assert f"{short}: handled and removed" in await terminal.run("aside", "retry", short)
    (alert,) = stage.engine.open_alerts()
    assert (alert.title, alert.device_ip) == ("fan failed", "10.1.1.1")
    assert "nothing was set aside" in await terminal.run("aside", "list")
    audit = await stage.pool.fetchrow("SELECT actor, details FROM audit_log WHERE action = 'aside.retry'")
    assert (audit["actor"], audit["details"]["before"]["origin"]) == ("local-cli", "toy")


async def test_one_is_shown_whole_without_secrets_and_forgotten(
    stage: Stage, terminal: Terminal, tmp_path: Path
) -> None:
    """Terminal control text is escaped; the remover is in the audit log."""
    await ensure_local_token(stage.pool, tmp_path)
    short = await kept(stage, an_aside(content=b'{"api_key": "geheim", "text": "a\x1b[2Jb"}'))
    shown = await terminal.run("aside", "show", short)
    assert '"api_key": ***' in shown
    assert "geheim" not in shown
    assert "\x1b[2J" not in shown
    assert "removed" in await terminal.run("aside", "forget", short)
    assert "no item that was set aside has an id" in await terminal.run("aside", "forget", short, fails=True)
    assert (
        await stage.pool.fetchval("SELECT actor FROM audit_log WHERE action = 'aside.forget'") == "local-cli"
    )


async def test_an_impossible_retry_is_refused_with_the_reason(stage: Stage, operator: Caller) -> None:
    """Decisions, notifications, messages that are not whole or whose connector is gone; all stay."""
    stage.desk.parts["toy"] = Moody()
    (alert,) = await stage.report(problem("bad one"))
    for aside, words in (
        (an_aside(AsideKind.CHANGE), "an old decision"),
        (an_aside(AsideKind.NOTIFICATION), "it was given up"),
        (an_aside(content=b""), "it was not kept"),
        (an_aside(content=b"x" * 300_000), "262,144 of its 300,000 bytes"),
        (an_aside(origin="gone"), "no connector 'gone' runs"),
        (
            an_aside(AsideKind.ALERT, subject="01a224e4-6cbc-7209-a29f-6fbed82c07cd"),
            "does not hold this alert",
        ),
    ):
        await kept(stage, aside)
        reply = await operator.post(f"/set-aside/{aside.id}/retry")
        assert reply.status == 409
        assert words in str(reply.body)
        assert await find_aside(stage.pool, aside.id) is not None
    known = an_aside(AsideKind.ALERT, subject=str(alert.id))
    await kept(stage, known)
    assert (await operator.post(f"/set-aside/{known.id}/retry")).data == {"is_removed": True, "reason": ""}
    assert (await operator.get(f"/set-aside/{known.id}")).status == 404


async def test_a_viewer_sees_nothing_of_it(stage: Stage, viewer: Caller) -> None:
    """It may contain text of any sender."""
    aside = an_aside()
    await kept(stage, aside)
    for path in ("", f"/{aside.id}"):
        assert (await viewer.get(f"/set-aside{path}")).status == 403


async def test_an_event_that_fails_again_stays(
    pool: asyncpg.Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pipeline sets it aside again with its new reason; once the engine works it is removed."""
    apply = Engine.apply
    async with live_daemon(pool, tmp_path) as daemon:
        parts = daemon.parts
        asides = LiveAsides(
            pool=pool,
            sources=lambda: parts.worker.stages.sources,
            engine=lambda: parts.worker.stages.engine,
            emit=parts.connectors.emit,
            count_of=parts.live.ledger.counter_of,
        )

        def failing(words: str) -> None:
            def fail(engine: Engine, events: Sequence[object], now: datetime, **_more: int) -> Changes:
                if events:
                    raise RuntimeError(words)
                return apply(engine, (), now)

            monkeypatch.setattr(Engine, "apply", fail)

        failing("first")
        await daemon.source.reports("192.0.2.9")
        (row,) = await asides.list(kind="", origin="", part="", most=10)
        assert row.reason.startswith("RuntimeError: first")
        failing("second")
        for expected in ("RuntimeError: second", ""):
            found = await find_aside(pool, row.id)
            assert found is not None
            outcome = await asides.retry(found, "anna")
            assert outcome.refusal == ""
            assert outcome.reason.startswith(expected)
            monkeypatch.undo()
        assert outcome.reason == ""
        assert "192.0.2.9" in daemon.open_alerts()
        assert await asides.list(kind="", origin="", part="", most=10) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"password": "a \\" b", "x": 1}', '{"password": ***, "x": 1}'),
        (b"user=a&token=abc&x=1", "user=a&token=***&x=1"),
        (b"Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        (b"{'snmp_community': 'geheim'}", "{'snmp_community': ***}"),
        (b'{"secret": "cut o', '{"secret": ***'),
        (b"\xff\x00", "\\xff\x00"),
        (b"nothing to hide: 1", "nothing to hide: 1"),
        (b"token" * 50_000, "token" * 50_000),
    ],
)
def test_secrets_are_masked(content: bytes, expected: str) -> None:
    """In JSON, forms, headers and Python; also in what is cut off."""
    assert readable_content(content) == expected
