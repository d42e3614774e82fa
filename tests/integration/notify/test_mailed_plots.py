"""Mails about measured values have the plot inline; a failed plot does not delay the mail."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from opsconductor.app.detecting import pictures
from opsconductor.app.detecting.pictures import AnomalyPictures
from opsconductor.engine.notifications import facts_of
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from opsconductor.notify.sending import send_once
from opsconductor.store.notifications.outbox import Claimed
from tests.integration.series.test_measured_alerts import DEVICES, RULE, UPS, alert_when, give, measuring
from tests.support.notify.smtp_server import Mailbox, channel, served

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Plot = Callable[[Mapping[str, Any]], Awaitable[str]]


def claimed_of(facts: Mapping[str, object]) -> Claimed:
    """Return a message about an alert."""
    return Claimed(
        id=uuid4(),
        alert_id=UUID(str(facts["id"])),
        rule_name="everything",
        channel="mail",
        recipient="noc@example.net",
        kind=NotificationKind.PROBLEM,
        facts=facts,
        created_at=datetime.now(UTC),
        attempt=1,
    )


async def fails(row: Mapping[str, Any]) -> str:
    """Fail to draw."""
    raise ZeroDivisionError(row["id"])


async def hangs(_row: Mapping[str, Any]) -> str:
    """Never end."""
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


async def garbles(_row: Mapping[str, Any]) -> str:
    """Return text that is no SVG."""
    return "<svg"


async def test_a_mail_about_a_measured_value_shows_its_plot(
    pool: asyncpg.Pool, tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The HTML part refers to a PNG of the points; without one the same mail arrives as usual."""
    monkeypatch.setattr(pictures, "DRAWN_WITHIN_S", 2.0)
    await pool.execute(DEVICES, UPS, "ups-1")
    await pool.execute(RULE)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with measuring(pool, tmp_path) as daemon, served(mailbox) as port:
        give(daemon, begin, [30, 31, 30, 41, 42])
        alert = await alert_when(daemon, lambda _: True)
        facts = facts_of(alert, NotificationKind.PROBLEM)
        drawn = daemon.parts.detection.pictures
        ways = [drawn, *(AnomalyPictures(pool, plot) for plot in (fails, hangs, garbles))]
        others = [{**facts, "custom_fields": {"anomaly_id": str(uuid4())}}, {**facts, "custom_fields": {}}]
        renderer, within = Renderer(UTC), timedelta(seconds=20)
        for each in [*((facts, way) for way in ways), *((other, drawn) for other in others)]:
            await send_once(
                channel(port), claimed_of(each[0]), renderer=renderer, within=within, draw=each[1].of
            )
    shown, *plain = mailbox.messages
    html = shown.get_body(("html",))
    assert html is not None
    [image] = [part for part in shown.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html.get_content()
    assert image.get_content_disposition() == "inline"
    content = image.get_content()
    assert content.startswith(SIGNATURE)
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (640, 200)
    assert len(plain) == len(ways) - 1 + len(others)
    for mail in plain:
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert "cid:" not in mail.as_string()
