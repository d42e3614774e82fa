"""Rendered messages: subjects, texts, HTML; and that no device can forge any part of them."""

import logging
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from opsconductor.connector.outgoing.appearance import NOT_OF_ONE
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from opsconductor.notify.render import TEMPLATES, Renderer
from opsconductor.store.notifications.outbox import Claimed

ZONE = timezone(timedelta(hours=1))
FACTS: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000002",
    "device_ip": "10.0.0.1",
    "device_name": "core-sw1",
    "resource": "ifIndex=7",
    "severity": "critical",
    "status": "active",
    "priority": "P1",
    "impact": "high",
    "urgency": "high",
    "category": "network",
    "alert_type": "network_link_down",
    "title": "Link Down - core-sw1 ifIndex=7",
    "message": "ifAdminStatus=up\nifOperStatus=down",
    "occurred_at": "2026-03-04T05:06:07+00:00",
    "last_occurrence_at": "2026-03-04T05:06:09+00:00",
    "occurrence_count": 3,
    "source_system": "snmp_trap",
    "tags": ["core", "zurich"],
    "custom_fields": {"rack": "A7", "empty": None},
    "impacted": 0,
}
OVER = {"status": "resolved", "resolved_at": "2026-03-04T06:36:07+00:00", "resolved_by": "snmp_trap"}
HOSTILE = (
    "x\r\nBcc: evil@example.net\r\n\r\n<script>alert(1)</script><img src=x onerror=y>"
    "\x00\x1b[2J\u202egnp\u2028{{ 7*7 }}{% raw %}\"'&"
)


def claimed(kind: NotificationKind = NotificationKind.PROBLEM, **facts: Any) -> Claimed:
    """Make a claimed notification with the usual facts and some others."""
    return Claimed(
        id=UUID(int=1),
        alert_id=UUID(int=2),
        rule_name="noc",
        channel="mail",
        recipient="noc@example.net",
        kind=kind,
        facts={**FACTS, **facts},
        created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        attempt=1,
    )


SHIPPED = Renderer(ZONE)
"""The shipped templates, compiled once, in a zone one hour ahead."""


def rendered(kind: NotificationKind = NotificationKind.PROBLEM, **facts: Any) -> Notification:
    """Render with the shipped templates in a zone one hour ahead."""
    return SHIPPED.render(claimed(kind, **facts))


class Tags(HTMLParser):
    """Collects the tags and the text of an HTML document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag's name and its attributes' names."""
        self.tags += [tag, *(f"@{name}" for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


@pytest.mark.parametrize(
    ("kind", "facts", "subject"),
    [
        ("problem", {}, "[CRITICAL] Link Down - core-sw1 ifIndex=7"),
        ("worse", {"old_severity": "major"}, "[CRITICAL, was major] Link Down - core-sw1 ifIndex=7"),
        ("recovery", OVER, "[RESOLVED] Link Down - core-sw1 ifIndex=7"),
        ("recovery", {**OVER, "status": "expired"}, "[EXPIRED] Link Down - core-sw1 ifIndex=7"),
        ("recovery", {}, "[RESOLVED] Link Down - core-sw1 ifIndex=7"),
        ("flapping", {}, "[FLAPPING] Link Down - core-sw1 ifIndex=7"),
        ("stable", OVER, "[STABLE: RESOLVED] Link Down - core-sw1 ifIndex=7"),
        ("stable", {}, "[STABLE: CRITICAL] Link Down - core-sw1 ifIndex=7"),
        ("problem", {"title": "Battery low"}, "[CRITICAL] Battery low - core-sw1 - ifIndex=7"),
        (
            "problem",
            {"title": "Link Down - core-sw1", "custom_fields": {"port": "Gi0/7 to access ring"}},
            "[CRITICAL] Link Down - core-sw1 - Gi0/7 to access ring",
        ),
        (
            "problem",
            {"device_name": None, "title": "Link Down"},
            "[CRITICAL] Link Down - 10.0.0.1 - ifIndex=7",
        ),
    ],
)
def test_the_subject_is_complete(kind: str, facts: dict[str, Any], subject: str) -> None:
    """State in brackets, then title, device and resource, each once."""
    assert rendered(NotificationKind(kind), **facts).subject == subject


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        ("problem", {}, "A new critical problem."),
        ("worse", {"old_severity": "major"}, "The problem got worse: major before, critical now."),
        ("recovery", OVER, "The problem is over after 1h30m, ended by snmp_trap."),
        (
            "recovery",
            {**OVER, "status": "expired"},
            "not been reported again, so it counts as over after 1h30m.",
        ),
        ("flapping", {}, "The problem comes and goes."),
        ("stable", OVER, "no longer comes and goes. It is over."),
        ("stable", {}, "It lasts, with severity critical."),
        ("problem", {"cause": "Power lost - ups1"}, "Consequence of: Power lost - ups1"),
        ("problem", {"impacted": 43}, "43 other alerts are a consequence of this one."),
        ("problem", {"impacted": 1}, "1 other alert is a consequence of this one."),
    ],
)
def test_text_and_html_have_the_same_content(kind: str, facts: dict[str, Any], sentence: str) -> None:
    """The main sentence is in both parts."""
    message = rendered(NotificationKind(kind), **facts)
    assert sentence in message.text
    assert sentence in " ".join(Tags(message.html).text.split())


def test_the_text_is_readable() -> None:
    """The whole text of a problem, as an operator reads it on a terminal."""
    assert rendered().text == (
        "[CRITICAL] Link Down - core-sw1 ifIndex=7\n"
        "\n"
        "A new critical problem.\n"
        "\n"
        "  Device          core-sw1 (10.0.0.1)\n"
        "  Resource        ifIndex=7\n"
        "  Severity        critical\n"
        "  Priority        P1 (impact high, urgency high)\n"
        "  Began           2026-03-04 06:06:07 +0100 (2026-03-04 05:06:07 UTC)\n"
        "  Last seen       2026-03-04 06:06:09 +0100 (2026-03-04 05:06:09 UTC)\n"
        "  Occurrences     3\n"
        "  Category        network\n"
        "  Alert type      network_link_down\n"
        "  Source          snmp_trap\n"
        "  Tags            core, zurich\n"
        "  rack            A7\n"
        "\n"
        "What was reported:\n"
        "  | ifAdminStatus=up\n"
        "  | ifOperStatus=down\n"
        "\n"
        "--\n"
        'OpsConductor sent this because of the rule "noc".\n'
        "Alert 00000000-0000-0000-0000-000000000002, notification 00000000-0000-0000-0000-000000000001\n"
    )


def test_times_in_utc_are_shown_once() -> None:
    """Where the local zone is UTC the time is not repeated."""
    text = Renderer(UTC).render(claimed()).text
    assert "  Began           2026-03-04 05:06:07 UTC\n" in text


@pytest.mark.parametrize(
    "field", ["title", "message", "device_name", "resource", "severity", "cause", "resolved_by", "alert_type"]
)
@pytest.mark.parametrize("kind", list(NotificationKind))
def test_no_fact_can_forge_anything(field: str, kind: NotificationKind) -> None:
    """Hostile text adds no line to the subject, no line of its own to the text, no tag to the HTML."""
    harmless, hostile = rendered(kind, **{field: "x"}), rendered(kind, **{field: HOSTILE})
    assert hostile.subject.isprintable()
    assert Tags(hostile.html).tags == Tags(harmless.html).tags
    assert "49" not in hostile.text
    for line in hostile.text.splitlines():
        assert line.isprintable()
        assert not line.startswith(("Bcc:", "<script"))


def test_hostile_custom_fields_and_tags_are_shown_harmless() -> None:
    """Names of custom fields come from the network, too."""
    fields = {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
    message = rendered(custom_fields=fields, tags=[HOSTILE])
    assert "<script" not in message.html
    assert "script" in Tags(message.html).text
    assert all(line.isprintable() for line in message.text.splitlines())


@pytest.mark.parametrize(
    "facts",
    [
        dict.fromkeys(FACTS),
        dict.fromkeys(FACTS, 5),
        {name: ["x"] for name in FACTS},
        {name: {"a": {"b": "c"}} for name in FACTS},
        dict.fromkeys(FACTS, ""),
        {"occurred_at": "0001-01-01T00:00:00+00:00", "resolved_at": "9999-12-31T23:59:59+00:00"},
        {"occurred_at": "yesterday", "resolved_at": "2026-13-45"},
        {"resolved_at": "2020-01-01T00:00:00+00:00"},
        {"resolved_at": "2026-03-04T06:36:07"},
    ],
)
@pytest.mark.parametrize("kind", list(NotificationKind))
def test_strange_facts_are_rendered(
    kind: NotificationKind, facts: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Facts of unexpected kinds, missing ones and impossible times still make a message."""
    message = rendered(kind, **facts)
    assert message.html.endswith("</html>\n") or message.html.endswith("</html>")
    assert caplog.records == []


def test_a_huge_message_is_cut() -> None:
    """A device cannot cause megabytes of mail."""
    message = rendered(message="x" * 1_000_000, title="y" * 100_000)
    assert len(message.subject) <= 200
    assert len(message.text) < 15_000
    assert "x…" in message.text


def test_a_template_that_fails_sends_the_plain_facts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The message is still sent, with all facts, and the log has the fault of the template."""
    for file in TEMPLATES.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "problem.text.j2").write_text("{{ 1 / 0 }}")
    message = Renderer(ZONE, tmp_path).render(claimed(message=HOSTILE))
    assert message.subject == "[CRITICAL] Link Down - core-sw1 ifIndex=7 (problem)"
    assert "device_name: core-sw1" in message.text
    assert "\nBcc:" not in message.text
    assert message.html == ""
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.__dict__["error"] == "division by zero"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ facts.__init__.__globals__ }}",
        "{% for x in range(10000000) %}{% endfor %}",
        "{{ facts.update({}) }}",
        "{% include '/etc/passwd' %}",
        "{% extends 'missing' %}",
        "{{ nonsense.more }}",
        "{% if %}",
    ],
)
def test_a_template_cannot_leave_the_sandbox(tmp_path: Path, template: str) -> None:
    """Templates reach neither Python nor files, and change nothing; the plain facts are sent instead."""
    (tmp_path / "problem.subject.j2").write_text(template)
    message = Renderer(ZONE, tmp_path).render(claimed())
    assert message.subject == "[CRITICAL] Link Down - core-sw1 ifIndex=7 (problem)"


def test_every_kind_has_its_templates() -> None:
    """Subject, text and HTML exist for every kind, and no template is left over."""
    expected = {f"{kind}.{part}.j2" for kind in NotificationKind for part in ("subject", "text", "html")}
    assert {file.name for file in TEMPLATES.iterdir()} == {*expected, "layout.text.j2", "layout.html.j2"}


def test_the_facts_are_passed_on_unchanged() -> None:
    """Channels that send facts, not texts, get those of the engine."""
    assert rendered().facts == FACTS


def test_a_cause_shows_its_consequences() -> None:
    """Subject and text have the number of affected devices and their places."""
    facts = {"impacted": 60, "impacted_devices": 43, "impacted_sites": ["Hamburg", "Kiel"]}
    update = rendered(NotificationKind.UPDATED, **facts, old_impacted=12)
    behind = "43 devices behind it (Hamburg, Kiel)"
    assert update.subject == f"[CRITICAL] Link Down - core-sw1 ifIndex=7, {behind}"
    assert f"Impact: {behind}, 60 other alerts are a consequence of this one." in update.text
    assert "than the last message said (12)" in update.text
    assert behind in update.html
    assert behind not in rendered(NotificationKind.RECOVERY, **OVER, **facts).subject


def test_a_summary_names_the_worst_and_counts_the_others() -> None:
    """The subject has the numbers and the worst alert; the text has the number of unlisted ones."""
    member = {
        "severity": "critical",
        "title": "Link Down",
        "device_name": "core-sw1",
        "resource": "ifIndex=7",
        "site": "Hamburg",
        "occurred_at": "2026-03-04T05:06:07+00:00",
        "resolved_at": None,
        "kind": "problem",
        "is_new": True,
    }
    over = {**member, "kind": "recovery", "is_new": False, "resolved_at": "2026-03-04T05:16:07+00:00"}
    message = rendered(
        NotificationKind.SUMMARY,
        amount=12,
        severities={"critical": 3, "major": 9},
        updates={"recovery": 1},
        is_limit=True,
        waited_since="2026-03-04T05:00:07+00:00",
        rules=["core", "sites"],
        members=[member, over],
    )
    assert message.subject == (
        "[12 ALERTS] 3 critical, 9 major, 1 resolved: Link Down - core-sw1 - ifIndex=7 (Hamburg), 06:00:07"
    )
    assert 'because of the rules "core, sites"' in message.text
    assert message.rule_name == "core, sites"
    assert "New: 3 critical, 9 major" in message.text
    assert "and 11 more, which are less severe or came later" in message.text
    assert "over at 2026-03-04 06:16:07 +0100" in message.text
    assert "You get more messages than the limit allows" in message.html
    assert ("New", "3 critical, 9 major") in message.rows


def test_a_failover_summary_names_the_channel_that_is_down() -> None:
    """A copy over another channel names the one that is down, in text, HTML and rows."""
    message = rendered(
        NotificationKind.SUMMARY,
        amount=1,
        severities={"major": 1},
        failover_of={"channel": "noc-mail", "recipient": "noc@example.net", "error": "no route to host"},
        members=[{"severity": "major", "title": "Link Down", "kind": "problem", "is_new": True}],
    )
    other = "noc-mail noc@example.net, which could not be reached: no route to host"
    assert ("In place of", other) in message.rows
    assert f"In place of     {other}" in message.text
    assert f"In place of: {other}" in message.html


def test_a_hostile_summary_forges_nothing() -> None:
    """Names of devices are text everywhere, also in a message about several alerts."""
    member = {
        "severity": "major",
        "title": HOSTILE,
        "device_name": HOSTILE,
        "kind": "problem",
        "is_new": True,
    }
    message = rendered(
        NotificationKind.SUMMARY,
        amount=1,
        severities={"major": 1},
        updates={},
        group=HOSTILE,
        members=[member],
    )
    assert "\n" not in message.subject
    assert "<script>" not in message.html
    assert "script" not in Tags(message.html).tags


@pytest.mark.parametrize("kind", [kind for kind in NotificationKind if kind not in NOT_OF_ONE])
def test_a_summary_shows_updates_of_every_kind(kind: NotificationKind) -> None:
    """Each kind of event has a section in a message about several alerts."""
    member = {"title": "Link Down", "device_name": "edge-7", "severity": "major", "kind": str(kind)}
    message = rendered(NotificationKind.SUMMARY, amount=0, updates={str(kind): 1}, members=[member])
    assert "edge-7" in message.text
    assert message.subject.startswith("[1 ")
