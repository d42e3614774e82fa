"""Normalization of posts; pure."""

from collections.abc import Sequence
from datetime import datetime

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.cutting import cuts_by
from connectors.webhook_in.envelope import parse
from connectors.webhook_in.known import KnownPost
from connectors.webhook_in.parts import amount_left_out
from connectors.webhook_in.report import Format, Reading, SourceReport, alert_of, left_out, unreadable
from opsconductor.errors import NormalizeError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert

REASONS = {
    "no_object": "an alert is not an object",
    "no_labels": "an alert of Alertmanager or Grafana has no labels and therefore no identity",
    "no_value": "an event of Zabbix is neither a problem nor a recovery",
    "no_state": "an alert of LibreNMS has no known state",
    "no_status": "a heartbeat of Uptime Kuma has no known status",
    "no_action": "an event of PagerDuty's API has no known event_action",
    "no_attributes": "a CloudEvent has no type or no source",
    "no_alert_type": "the mapping finds no alert type",
    "expression": "an expression of the mapping fails for this alert",
}
"""Why one alert among others cannot be read; `resource` of the alert that reports it."""


class ReceiptTime:
    """Returns the time of receipt of a post, and remembers whether it was asked for."""

    def __init__(self, raw: RawEvent) -> None:
        self._at = raw.received_at
        self.is_asked = False

    def __call__(self) -> datetime:
        """Return the time."""
        self.is_asked = True
        return self._at


class PostNormalizer:
    """Normalizes posts by one configuration."""

    def __init__(self, config: WebhookInConfig, form: Format) -> None:
        self._config = config
        self._form = form
        self._words = config.words()
        self._zone = config.zone
        self._cuts = cuts_by(config)

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the reports of all alerts of a post; an unreadable one is reported as an alert of its own.

        Raises:
            DecodeError: The document has another format.
        """
        known = raw.parsed if isinstance(raw.parsed, KnownPost) else None
        if known is None:
            return self._read(raw, parse(raw.payload) if raw.parsed is None else raw.parsed, ReceiptTime(raw))
        alerts = known.again(raw, self)
        if alerts is None:
            time = ReceiptTime(raw)
            alerts = self._read(raw, known.document, time)
            if not time.is_asked:
                known.keep(alerts, self)
        return alerts

    def _read(self, raw: RawEvent, document: object, time: ReceiptTime) -> Sequence[NormalizedAlert]:
        reading = Reading(config=self._config, words=self._words, received=time, zone=self._zone)
        return [self._alert(item, document, reading, raw) for item in self._form.items(document)]

    def _alert(self, item: object, document: object, reading: Reading, raw: RawEvent) -> NormalizedAlert:
        report = self._report(item, document, reading, raw.connector)
        return alert_of(report, item, raw, config=self._config, is_cutting=self._cuts(report))

    def _report(self, item: object, document: object, reading: Reading, connector: str) -> SourceReport:
        if amount := amount_left_out(item):
            return left_out(amount, connector)
        try:
            return self._form.read(item, document, reading)
        except NormalizeError as error:
            return unreadable(error.reason, str(error), connector)
