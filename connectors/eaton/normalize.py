"""Normalization of poll results; pure."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.eaton.findings import UpsFinding, findings_of, lines_of
from connectors.eaton.problems import UNREACHABLE
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot

REASONS = {"no_document": "the bytes are not a document written by `EatonSource.run`"}
"""All reasons of a DecodeError raised here."""

WRONG = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
"""Exceptions raised by reading a document of another shape."""

KEPT = ("mib", "measures", "states", "implausible")
"""Parts of the poll that are stored with each alert."""


def scopes_of(connector: str, ip: str) -> tuple[str, str]:
    """Return the scopes of a device: its problems, and its reachability."""
    scope = f"{connector}/{ip}"
    return scope, f"{scope}/reachability"


def normalize(raw: RawEvent) -> Snapshot:
    """Return the snapshot of one device: its problems, or that it does not answer.

    Raises:
        DecodeError: `no_document`.
    """
    try:
        document = json.loads(raw.payload)
        document |= {"ip": str(document["ip"]), "name": str(document["name"])}
        scope, reachability = scopes_of(raw.connector, document["ip"])
        if "failure" in document:
            return Snapshot(scope=reachability, alerts=_silence(raw, document), taken_at=raw.received_at)
        alerts = tuple(_alert(raw, document, finding) for finding in findings_of(document).values())
    except WRONG as error:
        raise DecodeError("no_document", type(error).__name__) from error
    return Snapshot(scope=scope, alerts=alerts, taken_at=raw.received_at)


def _alert(raw: RawEvent, document: Mapping[str, Any], finding: UpsFinding) -> NormalizedAlert:
    problem = finding.problem
    began_at = raw.received_at - timedelta(seconds=finding.age_s or 0)
    return NormalizedAlert(
        source_system=raw.connector,
        alert_type=finding.alert_type,
        category=problem.category,
        severity=finding.severity,
        title=f"{problem.title} - {{device_name}} {finding.resource}".rstrip(),
        message="\n".join(lines_of(finding, document)),
        occurred_at=began_at,
        received_at=raw.received_at,
        device_ip=document["ip"],
        device_name=document["name"] or None,
        resource=finding.resource,
        is_cutting=problem.is_cutting,
        custom_fields=dict(document["texts"]),
        raw_data=lambda: {
            part: document[part] for part in KEPT if document.get(part) or part != "implausible"
        },
    )


def _silence(raw: RawEvent, document: Mapping[str, Any]) -> tuple[NormalizedAlert, ...]:
    """Report that a device does not answer, or only in part; empty if it answers."""
    if not document["failure"]:
        return ()
    is_partly = bool(document["is_partly"])
    problem = UNREACHABLE
    what = "UPS Answers In Part" if is_partly else problem.title
    return (
        NormalizedAlert(
            source_system=raw.connector,
            alert_type=problem.alert_type,
            category=problem.category,
            severity=Severity.WARNING if is_partly else problem.severity,
            title=f"{what} - {{device_name}}",
            message=f"{document['failure']}" if is_partly else f"{problem.message}\n{document['failure']}",
            occurred_at=raw.received_at,
            received_at=raw.received_at,
            device_ip=document["ip"],
            device_name=document["name"] or None,
            raw_data=lambda: document,
        ),
    )
