"""Reports: periods, availability, figures, advice, and the document in each format."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsconductor.reports.availability import availabilities
from opsconductor.reports.compose import compose
from opsconductor.reports.csv_text import csv_of
from opsconductor.reports.document import document_of
from opsconductor.reports.files import file_name, file_of
from opsconductor.reports.html import html_of
from opsconductor.reports.pdf import pdf_of
from opsconductor.reports.period import ReportType, days_of, due_at, last_period
from opsconductor.reports.words import length_text, percent_text, quantile
from tests.unit.reports.scene import NOW, WEEK, alert, busy_week, device, facts

HOUR = timedelta(hours=1)
MIDWEEK = WEEK.begin + timedelta(days=3)


@pytest.mark.parametrize(
    ("kind", "begin", "end", "text"),
    [
        (ReportType.DAILY, "2026-11-28T23:00", "2026-11-29T23:00", "Sunday, 29 November 2026"),
        (ReportType.WEEKLY, "2026-11-22T23:00", "2026-11-29T23:00", "23 to 29 November 2026"),
        (ReportType.MONTHLY, "2026-09-30T22:00", "2026-10-31T23:00", "1 to 31 October 2026"),
    ],
)
def test_the_latest_period_that_is_over(kind: ReportType, begin: str, end: str, text: str) -> None:
    """Periods are days, weeks and months of the time zone, also when the clock was changed within."""
    period = last_period(kind, "Europe/Berlin", NOW)
    assert (period.begin.isoformat()[:16], period.end.isoformat()[:16]) == (begin, end)
    assert period.text() == text


def test_days_with_a_change_of_the_clock() -> None:
    """October 2026 has 31 days, one of 25 hours, and its report is due in winter time."""
    october = last_period(ReportType.MONTHLY, "Europe/Berlin", NOW)
    days = days_of(october)
    assert len(days) == 31
    assert {each.length for each in days} == {timedelta(hours=24), timedelta(hours=25)}
    assert due_at(october, NOW.time()) == datetime(2026, 11, 1, 5, 0, tzinfo=UTC)


def test_availability_takes_out_maintenance_and_unknown_time() -> None:
    """Of 8 hours unreachable, 2 were maintenance and 1 without a daemon; overlapping alerts count once."""
    outage = (MIDWEEK, MIDWEEK + 8 * HOUR)
    found = facts(
        alert("10.0.0.1", MIDWEEK, 6 * HOUR),
        alert("10.0.0.1", MIDWEEK + HOUR, 7 * HOUR, alert_type="network_node_unreachable"),
        alert("10.0.0.2", MIDWEEK, 3 * HOUR, is_consequence=True),
        alert("10.0.0.3", MIDWEEK, 9 * HOUR, alert_type="network_link_down"),
        known_since={"10.0.0.4": WEEK.end - timedelta(days=1)},
        maintenance={"10.0.0.1": ((outage[0], outage[0] + 2 * HOUR),)},
        down=((outage[1] - HOUR, outage[1]),),
    )
    first, *others = availabilities(found)
    assert (first.key, first.down, first.maintenance, first.unknown) == (
        "10.0.0.1", 5 * HOUR, 2 * HOUR, HOUR
    )  # fmt: skip
    assert first.percent == pytest.approx(100 * (1 - 5 / (7 * 24 - 3)))
    by_key = {each.key: each for each in others}
    assert by_key["10.0.0.2"].unknown == 4 * HOUR  # the way to it was cut; the daemon did not run
    assert (by_key["10.0.0.2"].percent, by_key["10.0.0.3"].percent) == (100.0, 100.0)
    assert by_key["10.0.0.4"].unknown == timedelta(days=6)


def test_an_outage_that_lasts_and_a_device_of_which_nothing_is_known() -> None:
    """An open alert counts until the end of the period; a device added later has no percentage."""
    found = facts(alert("10.0.0.1", WEEK.end - HOUR), known_since={"10.0.0.2": WEEK.end + HOUR})
    by_key = {each.key: each for each in availabilities(found)}
    assert by_key["10.0.0.1"].down == HOUR
    assert by_key["10.0.0.2"].percent is None


def test_figures_of_reaction_and_saved_pages() -> None:
    """Medians and p90 come from the alerts of the period; unsent consequences are saved pages."""
    alerts = [
        alert(
            "10.0.0.1",
            MIDWEEK + n * HOUR,
            timedelta(minutes=10 * (n + 1)),
            acknowledged_at=MIDWEEK + n * HOUR + timedelta(minutes=n + 1),
        )
        for n in range(10)
    ]
    saved = [alert("10.0.0.2", MIDWEEK, HOUR, is_consequence=True, is_notified=False) for _ in range(4)]
    old = alert("10.0.0.3", WEEK.begin - timedelta(days=9), timedelta(days=8))
    document = compose(facts(*alerts, *saved, old), NOW)
    assert [(each.label, each.value) for each in document.parts[0].figures][1:] == [
        ("Alerts", "14"), ("Notified", "10"), ("Pages saved", "4")
    ]  # fmt: skip
    reaction = next(part for part in document.parts if part.title.startswith("Time to"))
    assert reaction.rows[0] == ("all", "10", "6 min", "10 min", "14", "1 h", "1 h 30 min")


def test_recommendations_by_rules() -> None:
    """Each rule applies when its facts are there, names devices, and is silent otherwise."""
    models = {f"10.0.1.{n}": device(f"10.0.1.{n}", f"edge-{n}", model="X1") for n in range(3)}
    fans = [
        alert(key, MIDWEEK, HOUR, alert_type="environment_fan_failed", category="environment")
        for key in models
    ]
    found = facts(
        *fans,
        *(alert("10.0.1.1", MIDWEEK, HOUR, alert_type="network_link_down") for _ in range(60)),
        alert("10.0.1.2", MIDWEEK, HOUR, resource="ifIndex=4", alert_type="network_link_down", flapped=5),
        alert("10.0.1.0", MIDWEEK, alert_type="security_certificate_expiring"),
        alert("10.0.1.0", MIDWEEK, alert_type="unknown_trap"),
        alert("10.0.1.0", MIDWEEK, severity="critical", is_notified=False, alert_type="power_on_battery"),
        alert("10.0.1.0", WEEK.end - timedelta(days=20), alert_type="network_link_down"),
        alert("10.0.1.0", MIDWEEK, 9 * HOUR),
        devices=models,
    )
    titles = " | ".join(each.title for part in compose(found, NOW).parts for each in part.recommended)
    for expected in (
        "environment_fan_failed on 3 devices of the model X1 in 30 days",
        "No one was notified of 1 critical alert",
        "Available for less than 99 % of the time: 1 device",
        "Storms of alerts from 1 device without dependencies",
        "10.0.1.2 ifIndex=4 flapped 5 times",
        "Certificates that end soon or have ended: 1",
        "1 alert of traps without a mapping",
        "1 alert open for more than 14 days",
    ):
        assert expected in titles
    nothing = compose(facts(), NOW)
    assert nothing.parts[1].note == "Nothing stands out in this period."


def test_a_document_is_the_same_after_it_was_stored() -> None:
    """A document stored as JSON is read back unchanged."""
    document = compose(busy_week(), NOW)
    assert document_of(document.to_json()) == document


def test_every_format_has_the_figures_and_escapes_names() -> None:
    """HTML escapes text of devices, CSV disarms formulas, the PDF has pages and a title."""
    week = busy_week()
    evil = alert("10.0.0.9", MIDWEEK, HOUR, device_name="=<script>alert(1)</script>")
    document = compose(replace(week, alerts=(*week.alerts, *[evil] * 200)), NOW)
    page = html_of(document)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Pages saved" in page
    assert "'=<script>" in csv_of(document)
    pdf = file_of(document, "pdf")
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") >= 3
    assert file_name(document, "pdf") == "opsconductor-weekly-report-23-to-29-november-2026.pdf"


def test_a_pdf_of_names_beyond_latin_and_of_nothing() -> None:
    """Cyrillic and Chinese names, a single very long one, and an empty network make a PDF, too."""
    odd = {"a": device("a", "коммутатор-1"), "b": device("b", "交换机"), "c": device("c", "x" * 255)}
    busy = facts(
        *(alert(key, MIDWEEK, HOUR, device_name=each.name) for key, each in odd.items()), devices=odd
    )
    for each in (busy, facts(devices={})):
        assert io.BytesIO(pdf_of(compose(each, NOW))).read(5) == b"%PDF-"


def test_a_quiet_week_says_so() -> None:
    """No section is only a heading, and none claims that measured values are unwatched."""
    report = compose(facts(), NOW)
    parts = {part.title: part for part in report.parts}
    for title in ("Alerts by type", "Noisiest devices", "Time to acknowledge and to resolve"):
        assert parts[title].note == "No alert began in this period."
    assert parts["Anomalies"].note == "No anomaly of measured values began in this period."


def test_numbers_as_texts() -> None:
    """An availability is never rounded up to 100 %, and lengths have two units at most."""
    assert percent_text(99.99999) == "99.999 %"
    assert percent_text(100.0) == "100 %"
    assert length_text(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"
    assert length_text(timedelta(seconds=40)) == "40 s"
    assert quantile([], 0.5) is None
