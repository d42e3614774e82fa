"""ETag of an alert: its state as far as commands depend on it."""

from hashlib import sha256

from aiohttp import web

from opsconductor.errors import AlertConflict
from opsconductor.model.alert import Alert
from opsconductor.model.command import Expected

ANY = "*"
HEADER = "If-Match"


def tag_of(alert: Alert) -> str:
    """Return the ETag; another occurrence of the problem does not change it."""
    state = (
        alert.id,
        alert.status,
        alert.severity,
        alert.acknowledged_by,
        alert.assigned_to,
        alert.muted_by,
        alert.own_tags,
        alert.reported_severity,
    )
    return f'"{sha256(repr(state).encode()).hexdigest()[:16]}"'


def expected_of(request: web.Request, alert: Alert | None) -> Expected:
    """Return the state that a command expects by its header `If-Match`.

    Raises:
        AlertConflict: The alert is in another state.
    """
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get(HEADER, ANY).split(",")]
    if alert is None or ANY in given:
        return Expected()
    if tag_of(alert) not in given:
        found = {"status": str(alert.status), "severity": str(alert.severity)}
        found |= {"acknowledged_by": alert.acknowledged_by or "", "assigned_to": alert.assigned_to or ""}
        raise AlertConflict(f"the alert has changed since: it is {alert.status} and {alert.severity}", found)
    return Expected(status=alert.status, severity=alert.severity, acknowledged_by=alert.acknowledged_by)
