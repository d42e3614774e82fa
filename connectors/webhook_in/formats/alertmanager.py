"""Prometheus Alertmanager: its webhook, version 4, and the list that Prometheus itself posts.

Source:
    prometheus/alertmanager `template/template.go`, `docs/configuration.md` (webhook_config).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from connectors.webhook_in.fields import Document, as_document, first, host_of, lines, moment, part, text
from connectors.webhook_in.formats.shape import wrong_shape
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from connectors.webhook_in.words import category_of, severity_of, slug
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity

NAME = "alertname"
SEVERITY = "severity"
CATEGORY = "category"
TRUNCATED_EXPIRES_AFTER = timedelta(hours=6)
"""Longer than the usual `repeat_interval` of 4 h, with which an omitted alert is sent again."""
FINGERPRINT_CHARACTERS = 32
TESTS = frozenset({"test", "test_alert", "testalert"})
"""Names of test alerts: Grafana's `TestAlert`, and those of `amtool alert add`."""
TITLES = ("summary", "title")
MESSAGES = ("description", "message")


class Truncated(NamedTuple):
    """Placeholder among the alerts for those that the sender has left out."""

    amount: int


def items(document: object) -> Sequence[object]:
    """Return the alerts of a group, with a placeholder for omitted ones; or the list of Prometheus."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or not isinstance(alerts := document.get("alerts"), list):
        raise wrong_shape("an object with the list `alerts`, or a list of alerts")
    left_out = document.get("truncatedAlerts")
    if isinstance(left_out, int) and left_out > 0:
        return [*alerts, Truncated(left_out)]
    return alerts


def read(item: object, document: object, reading: Reading) -> SourceReport:
    """Return the report of one alert of a group, identified by its labels as in Alertmanager."""
    if isinstance(item, Truncated):
        return truncated(item, document)
    alert = as_document(item)
    labels, annotations = named(alert), part(alert, "annotations")
    device, label = device_of(labels, reading.config.device_labels)
    name = text(labels.get(NAME)) or "alert"
    category = category_of(text(labels.get(CATEGORY)))
    over = is_over(alert, reading)
    if slug(name) in TESTS:
        return trial_of(reading.config.format, over=over, message=first(annotations, *TITLES))
    left_out = {NAME, label, CATEGORY if category else NAME} | reading.config.ignored_labels
    word = text(labels.get(SEVERITY))
    return SourceReport(
        device=device,
        what=name,
        category=category,
        severity=Severity.CLEAR if over else problem(word, reading),
        resource=resource_of(labels, left_out),
        title=first(annotations, *TITLES) or name,
        message=first(annotations, *MESSAGES),
        at=time_of(alert, reading, over=over),
        problem_id=identity_of(alert, labels, reading.config.ignored_labels),
        tags=tuple([f"{key}={text(value)}" for key, value in labels.items() if key != NAME]),
        links=links_of(
            {
                "url": alert.get("generatorURL"),
                "runbook_url": annotations.get("runbook_url"),
                "dashboard_url": annotations.get("dashboard_url"),
            }
        ),
    )


def named(alert: Document) -> Document:
    """Return the labels of an alert.

    Raises:
        NormalizeError: `no_labels`: without them it has no identity.
    """
    labels = alert.get("labels")
    if not isinstance(labels, dict) or not labels:
        raise NormalizeError("no_labels", "an alert has no labels")
    return labels


def identity_of(alert: Document, labels: Document, ignored: frozenset[str]) -> str:
    """Return the sender's fingerprint of all labels; compute one if labels are ignored or it has none."""
    fingerprint = text(alert.get("fingerprint"))
    if fingerprint and ignored.isdisjoint(labels):
        return fingerprint
    left = sorted((key, text(value)) for key, value in labels.items() if key not in ignored)
    return sha256(json.dumps(left).encode()).hexdigest()[:FINGERPRINT_CHARACTERS]


def device_of(labels: Document, candidates: Sequence[str]) -> tuple[str, str]:
    """Return the device and the label it comes from, whose port or path distinguishes exporters."""
    for label in candidates:
        if value := text(labels.get(label)):
            host = host_of(value)
            return host, label if host == value else ""
    return "", ""


def resource_of(labels: Document, left_out: frozenset[str] | set[str]) -> str:
    """Return all labels that distinguish this alert from others of its name on its device."""
    return ",".join(sorted([f"{key}={text(value)}" for key, value in labels.items() if key not in left_out]))


def problem(word: str, reading: Reading) -> Severity:
    """Return the severity of an alert: clear if it is over, whatever its label."""
    found = severity_of(word, reading.words, reading.config.default_severity)
    return Severity.INFO if found is Severity.CLEAR else found


def is_over(alert: Document, reading: Reading) -> bool:
    """Return True if an alert is resolved; the list of Prometheus has no status, only an end."""
    status = text(alert.get("status")).lower()
    if status:
        return status == "resolved"
    end = moment(alert.get("endsAt"), reading.zone)
    return end is not None and end <= reading.received()


def time_of(alert: Document, reading: Reading, *, over: bool) -> datetime | None:
    """Return the end of a resolved alert, else its start."""
    begin = moment(alert.get("startsAt"), reading.zone)
    if not over:
        return begin
    end = moment(alert.get("endsAt"), reading.zone)
    return None if end is None or (begin is not None and end < begin) else end


def truncated(left_out: Truncated, document: object) -> SourceReport:
    """Report that the sender has left alerts out: some that are over may stay open here."""
    group = as_document(document)
    return SourceReport(
        device=host_of(text(group.get("externalURL"))),
        what="alerts_truncated",
        category=Category.APPLICATION,
        severity=Severity.WARNING,
        resource=f"receiver={text(group.get('receiver'))}",
        title=f"{left_out.amount} alerts were left out of a post",
        message=lines(
            "The sender limits the alerts of a group (max_alerts); omitted alerts may be new, or over.",
            "Raise its max_alerts, or group by more labels.",
        ),
        expires_after=TRUNCATED_EXPIRES_AFTER,
    )


FORMAT = Format(items, read)
