"""Normalization of messages and silences."""

import json
from collections.abc import Mapping, Sequence
from functools import partial

from connectors.mqtt.client.broker import BROKER_KEY, address_of, snapshot_of
from connectors.mqtt.evaluate import MqttFinding, RuleBook
from connectors.mqtt.message import read
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot, rule_scope

LONGEST_KEPT = 4_000
"""Characters of a document that are stored with the alert; the archive has all of it."""


def normalize(raw: RawEvent, rules: RuleBook) -> Sequence[NormalizedAlert] | Snapshot:
    """Return the reports of a message; `run` may have evaluated it. Raises DecodeError, NormalizeError."""
    if isinstance(raw.parsed, list):
        findings: Sequence[MqttFinding] = raw.parsed
    elif raw.payload.startswith(BROKER_KEY):
        return snapshot_of(raw)
    else:
        message, before = read(raw.payload)
        findings = rules.evaluate(message, before.get)
    return [_alert(raw, finding) for finding in findings]


def _alert(raw: RawEvent, finding: MqttFinding) -> NormalizedAlert:
    address = address_of(finding.device)
    return NormalizedAlert(
        source_system=raw.connector,
        alert_type=finding.alert_type,
        category=finding.category,
        severity=finding.severity,
        title=finding.title,
        message=finding.message,
        occurred_at=raw.received_at,
        received_at=raw.received_at,
        device_ip=address,
        device_name=None if address else finding.device,
        resource=finding.resource,
        is_clear=finding.severity is Severity.CLEAR,
        is_cutting=finding.is_cutting,
        expires_after=finding.expires_after,
        snapshot_scope=rule_scope(raw.connector, finding.scope),
        raw_data=partial(_raw_data, raw.payload),
    )


def _raw_data(document: bytes) -> Mapping[str, object]:
    """Return the document, or for a long one the topic and the beginning of the payload."""
    content = json.loads(document)
    if len(document) <= LONGEST_KEPT:
        return dict(content)
    text = content.get("payload") or json.dumps(content.get("sparkplug"))
    return {"topic": content["topic"], "payload": f"{text[:LONGEST_KEPT]}…", "bytes": len(document)}
