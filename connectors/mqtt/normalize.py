"""Turns what was heard into the standard form."""

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
"""Characters of a document that are kept on the alert; the archive keeps the whole."""


def normalize(raw: RawEvent, rules: RuleBook) -> Sequence[NormalizedAlert] | Snapshot:
    """Judge a message by the rules, unless `run` has done so; raises DecodeError and NormalizeError."""
    if isinstance(raw.parsed, list):
        findings: Sequence[MqttFinding] = raw.parsed
    elif raw.payload.startswith(BROKER_KEY):
        return snapshot_of(raw)
    else:
        heard, before = read(raw.payload)
        findings = rules.judge(heard, before.get)
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
    """Keep the document, or of a long one the topic and the beginning of the payload."""
    told = json.loads(document)
    if len(document) <= LONGEST_KEPT:
        return dict(told)
    text = told.get("payload") or json.dumps(told.get("sparkplug"))
    return {"topic": told["topic"], "payload": f"{text[:LONGEST_KEPT]}…", "bytes": len(document)}
