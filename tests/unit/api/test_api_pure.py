"""Parts of the API that need neither server nor database."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from rich.console import Console

from opsconductor.api.auth.attempts import ALLOWED, REMEMBERED, WINDOW_S, FailedAttempts
from opsconductor.cli.alerts.text import age, changes_text, story_of, table_of
from opsconductor.cli.terminal.api_client import url_of
from opsconductor.config.settings import ApiSettings
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, Level, Priority, Severity, Status
from opsconductor.store.alerts.filter import SORTS

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def an_alert(title: str = "Link Down") -> Alert:
    """Make an alert with default values."""
    return Alert(
        id=uuid4(), fingerprint="f" * 64, source_system="traps", source_alert_id="", device_ip="10.0.0.1",
        device_name=None, resource="", alert_type="network_link_down", category=Category.NETWORK,
        severity=Severity.MAJOR, status=Status.ACTIVE, impact=Level.LOW, urgency=Level.HIGH,
        priority=Priority.P3, title=title, message="", occurred_at=NOW, received_at=NOW,
        last_occurrence_at=NOW,
    )  # fmt: skip


def test_failures_count_per_address_and_credential_and_pass() -> None:
    """Ten failures block a credential until the first is a minute old; others are not affected."""
    attempts = FailedAttempts()
    for second in range(ALLOWED):
        assert attempts.wait("10.0.0.1", "ops_deadbeef_1", second) == 0
        attempts.add("10.0.0.1", "ops_deadbeef_1", second)
    assert attempts.wait("10.0.0.1", "ops_deadbeef_1", 10) == WINDOW_S - 10
    assert attempts.wait("10.0.0.1", "ops_deadbeef_2", 10) == 0
    assert attempts.wait("10.0.0.2", "ops_deadbeef_1", 10) == 0
    assert attempts.wait("10.0.0.1", "ops_0badcafe_1", 10) == 0
    assert attempts.wait("10.0.0.1", "ops_deadbeef_1", WINDOW_S) == 0


def test_failures_remembered_are_bounded() -> None:
    """However many keys are tried, memory stays bounded; the oldest entries are removed."""
    attempts = FailedAttempts()
    for number in range(REMEMBERED + 100):
        attempts.add("10.0.0.1", f"{number:012}", 0)
    assert len(attempts._failures) == REMEMBERED
    assert attempts.wait("10.0.0.1", f"{0:012}", 0) == 0


def test_sorts_are_columns() -> None:
    """ORDER BY contains nothing but fixed text."""
    for name, sql in SORTS.items():
        assert sql in {name, f'{name} COLLATE "C"'}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-04T05:06:07Z", "0s"),
        ("2026-03-04T05:07:00Z", "0s"),
        ("2026-03-04T05:05:08Z", "59s"),
        ("2026-03-04T05:05:07Z", "1m"),
        ("2026-03-04T04:01:07Z", "1h 05m"),
        ("2026-03-01T00:00:00Z", "3d"),
    ],
)
def test_ages_are_short(moment: str, expected: str) -> None:
    """An age has one or two units; a time in the future has no age."""
    assert age(moment, NOW) == expected


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """Escape sequences and rich's markup in titles and notes are shown as text."""
    title = "\x1b]0;owned\x07[bold red]x[/] \x1b[2J"
    view = {
        "id": str(uuid4()), "severity": "major", "status": "active", "device_name": title, "device_ip": "::1",
        "title": title, "impacted": 0, "occurrence_count": 1, "occurred_at": "2026-03-04T05:06:07Z",
        "muted_by": title,
    }  # fmt: skip
    console = Console(width=200, markup=False, highlight=False, force_terminal=False, record=True)
    with console.capture() as captured:
        console.print(table_of([view], 1, NOW))
    assert "\x1b" not in captured.get()
    assert "[bold red]x[/]" in captured.get()
    everything = dict.fromkeys(
        ["priority", "resource", "alert_type", "category", "source_system", "message", "last_occurrence_at",
         "acknowledged_by", "assigned_to", "resolved_at", "resolved_by", "correlation_rule",
         "flapping_since", "expires_at", "tags", "cause", "root"]
    )  # fmt: skip
    entry = {"created_at": "2026-03-04T05:06:07Z", "action": "noted", "user_name": title, "notes": title,
             "changes": {"severity": ["minor", title]}}  # fmt: skip
    varbind = {"oid": "1.3", "name": title, "value": title, "meaning": title}
    with console.capture() as captured:
        console.print(story_of({**everything, **view, "history": [entry], "varbinds": [varbind]}))
    assert "\x1b" not in captured.get()


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        (ListenAddress("127.0.0.1", 8080), "http://127.0.0.1:8080"),
        (ListenAddress("0.0.0.0", 80), "http://127.0.0.1:80"),
        (ListenAddress("::", 8080), "http://[::1]:8080"),
    ],
)
def test_the_command_line_finds_the_api(listen: ListenAddress, expected: str) -> None:
    """Where the daemon listens on all addresses, the command line connects to this machine."""
    assert url_of(ApiSettings(listen=listen)) == expected


def test_the_command_line_speaks_tls_where_the_daemon_has_a_certificate(tmp_path: Path) -> None:
    """The scheme of the URL follows the settings."""
    files = [tmp_path / "tls.crt", tmp_path / "tls.key"]
    for file in files:
        file.write_text("-")
    api = ApiSettings(listen=ListenAddress("127.0.0.1", 8443), tls_certificate=files[0], tls_key=files[1])
    assert url_of(api) == "https://127.0.0.1:8443"


def test_changes_are_shown_in_words_with_local_times() -> None:
    """An empty old value is not named; a value that became empty is shown as removed."""
    local = datetime.fromisoformat("2026-11-30T10:04:16Z").astimezone()
    changes = {
        "routed": {"rules": 3},
        "muted_by": [None, "shelved by ada: spare part"],
        "muted_until": [None, "2026-11-30T10:04:16.209725+00:00"],
        "assigned_to": ["bo", None],
        "severity": ["minor", "major"],
        "consequences": 3,
    }
    assert changes_text(changes) == [
        "muted_by: shelved by ada: spare part",
        f"muted_until: {local:%Y-%m-%d %H:%M:%S %Z}",
        "assigned_to: no longer bo",
        "severity: minor -> major",
        "consequences: 3",
    ]
