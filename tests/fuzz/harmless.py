"""Checks of results: rows that PostgreSQL takes, texts without hidden parts."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

from rich.console import Console

import opsconductor.notify
from connectors.email.address import one_address
from connectors.email.message import build_message
from connectors.webhook.message import body_of
from opsconductor.api.http.responses import any_json
from opsconductor.api.views import AlertView
from opsconductor.cli.alerts.text import table_of
from opsconductor.model.changes import Changes, NotificationIntent
from opsconductor.notify.render import Renderer
from opsconductor.store.commit.rows import TABLE_COLUMNS, updated_row
from opsconductor.store.notifications.outbox import Claimed
from opsconductor.store.postgres.codecs import encode_jsonb
from opsconductor.store.spool import codec

LONGEST = {
    "source_system": 50, "device_ip": 45, "device_name": 255, "alert_type": 100, "title": 255,
    "resource": 2_000, "message": 65_536, "fingerprint": 64, "correlation_rule": 100,
}  # fmt: skip
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-OpsConductor-Notification", "X-OpsConductor-Alert",
    "X-OpsConductor-Kind", "MIME-Version", "Content-Type",
}  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "body", "table", "tr", "td", "th", "div", "strong", "pre", "br",
    "style",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "name", "content", "style", "role", "width", "cellpadding", "cellspacing", "align",
    "scope", "class",
}  # fmt: skip
LAYOUT = (Path(opsconductor.notify.__file__).parent / "templates" / "layout.html.j2").read_text()
STYLES = LAYOUT[LAYOUT.index("<style>") + len("<style>") : LAYOUT.index("</style>")]
SENDER, RECIPIENT = one_address("ops@example.org"), one_address("noc@example.org")
RENDERER = Renderer(UTC)


class Tags(HTMLParser):
    """Refuses tags and attributes that are not the template's own."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs

    def handle_data(self, data: str) -> None:
        """Refuse styles other than the template's."""
        assert self.cdata_elem != "style" or data == STYLES, data

    def handle_comment(self, data: str) -> None:
        """Refuse a comment."""
        raise AssertionError(data)


def assert_storable(changes: Changes) -> None:
    """PostgreSQL, the spool, the API and a terminal can show everything, and obey nothing."""
    for alert in (*changes.created, *changes.updated, *changes.repeated):
        make_raw = changes.raw_data.get(alert.id)
        raw = make_raw() if make_raw else {}
        row = dict(zip(TABLE_COLUMNS, updated_row(alert, raw), strict=True))
        for column, value in row.items():
            if isinstance(value, str):
                assert "\0" not in value, column
                assert len(value) <= LONGEST.get(column, 255), column
                value.encode()
        assert str(row["title"]).isprintable()
        json.loads(encode_jsonb(raw)[1:])
        json.loads(encode_jsonb(row["custom_fields"])[1:])
        view = json.loads(any_json.dump_json(AlertView.model_validate(alert)))
        assert_plain(terminal_text(view))
    assert codec.decode(codec.encode(changes)).folded == changes.folded


def terminal_text(view: dict[str, object]) -> str:
    """Show an alert as `opsconductor alerts list` does."""
    out = StringIO()
    Console(file=out, width=240, highlight=False, markup=False).print(table_of([view], 1, datetime.now(UTC)))
    return out.getvalue()


def assert_sendable(intent: NotificationIntent) -> None:
    """A notification is one mail with our headers and our tags, and one JSON document."""
    claimed = Claimed(
        id=intent.id,
        alert_id=intent.alert_id,
        rule_name=intent.rule_name,
        channel=intent.channel,
        recipient=intent.recipient,
        kind=intent.kind,
        facts=json.loads(encode_jsonb(intent.facts)[1:]),
        created_at=intent.created_at,
        attempt=1,
    )
    notification = RENDERER.render(claimed)
    assert notification.subject.isprintable()
    assert_plain(notification.text)
    assert_plain(notification.html)
    tags = Tags()
    tags.feed(notification.html)
    tags.close()
    parsed = message_from_bytes(build_message(notification, SENDER, RECIPIENT).as_bytes(), policy=default)
    assert set(parsed.keys()) == HEADERS
    assert [part.get_content_type() for part in parsed.walk()][1:] == ["text/plain", "text/html"]
    assert json.loads(body_of(notification))["subject"] == notification.subject


def assert_plain(text: str) -> None:
    """Every line is printable: no control character, nothing that turns the direction of reading."""
    for line in text.split("\n"):
        assert line.isprintable(), repr(line)
