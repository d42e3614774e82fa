"""ServiceNow channel: incidents of the Table API.

Source:
    ServiceNow's REST API reference, "Table API".
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.servicenow.config import ServiceNowConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import fact, is_over, shortened
from opsconductor.connector.outgoing.web import WebClient, basic_authorization
from opsconductor.errors import ConnectorError, Unreachable
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification, Receipt

LONGEST_SUMMARY = 160
LONGEST_TEXT = 4_000
NOT_FOUND = 404
URGENCIES: Mapping[str, str] = {Severity.CRITICAL: "1", Severity.MAJOR: "2"}
"""1 high, 2 medium, 3 low (the default); ServiceNow derives the priority."""
WORDS: Mapping[str, str] = {"high": "1", "medium": "2", "low": "3"}


class ServiceNowChannel:
    """Opens an incident for each problem, adds work notes, and resolves it with the recovery."""

    def __init__(self, config: ServiceNowConfig, context: ConnectorContext) -> None:
        self._config = config
        self._table = f"{str(config.url).rstrip('/')}/api/now/table/{config.table}"
        token = config.token.get_secret_value() if config.token else ""
        password = config.password.get_secret_value() if config.password else ""
        user = config.username
        authorization = basic_authorization(user, password) if user else f"Bearer {token}"
        headers = {"Accept": "application/json", "Authorization": authorization}
        self._web = WebClient(config, context.destinations, headers=headers, secrets=[token, password])

    async def send(self, notification: Notification) -> Receipt:
        """Open, update or resolve the incident of an alert.

        Raises:
            Unreachable: No answer, 429, 5xx, or access that can be corrected.
            Rejected: ServiceNow refuses the values.
        """
        known = notification.earlier.get("sys_id")
        if not isinstance(known, str):
            known = await self._find(notification)
        if known is not None and (updated := await self._update(known, notification)):
            return updated
        if is_over(notification):
            return Receipt(detail="ServiceNow: there is no open incident to resolve")
        document = {**self._config.fields, **new_incident(notification)}
        return self._receipt("opened", await self._call("POST", self._table, document))

    async def check(self) -> CheckResult:
        """Read one row of the table; nothing is created."""
        try:
            await self._call("GET", f"{self._table}?sysparm_limit=1&sysparm_fields=sys_id")
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(ok=True, message=f"{self._config.url.host} shows the table {self._config.table}")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    async def _find(self, notification: Notification) -> str | None:
        """Return the open incident of an alert, which an attempt without answer may have created."""
        query = f"correlation_id={correlation_of(notification)}^active=true"
        asked = {"sysparm_query": query, "sysparm_fields": "sys_id", "sysparm_limit": "1"}
        found = await self._call("GET", f"{self._table}?{urlencode(asked)}")
        rows = found.get("result")
        first = rows[0] if isinstance(rows, list) and rows else None
        sys_id = first.get("sys_id") if isinstance(first, Mapping) else None
        return sys_id if isinstance(sys_id, str) else None

    async def _update(self, sys_id: str, notification: Notification) -> Receipt | None:
        """Add a work note, and resolve the incident if the problem is over; None: it does not exist."""
        note = shortened(f"{notification.subject}\n\n{notification.text}", LONGEST_TEXT)
        document = {"work_notes": note}
        if is_over(notification):
            config = self._config
            document |= {
                "state": config.resolved_state,
                "close_code": config.close_code,
                "close_notes": shortened(notification.subject, LONGEST_TEXT),
            }
        else:
            document |= {"urgency": urgency_of(notification)}
        found = await self._call("PATCH", f"{self._table}/{sys_id}", document, may_miss=True)
        what = "resolved" if is_over(notification) else "updated"
        return self._receipt(what, found) if found else None

    async def _call(
        self, method: str, url: str, document: Mapping[str, object] | None = None, *, may_miss: bool = False
    ) -> Mapping[str, object]:
        """Send a request and return its answer; empty: the row does not exist."""
        if document is None:
            answer = await self._web.send(method, url)
        else:
            answer = await self._web.send_json(method, url, document)
        if may_miss and answer.status == NOT_FOUND:
            return {}
        found = answer.checked().document()
        if "result" not in found:  # a sleeping developer instance answers 200 with a page
            raise Unreachable(f"{answer.place} answers without a result: {answer.excerpt}")
        return found

    def _receipt(self, what: str, found: Mapping[str, object]) -> Receipt:
        row = found.get("result")
        row = row if isinstance(row, Mapping) else {}
        metadata = {name: row[name] for name in ("sys_id", "number") if isinstance(row.get(name), str)}
        return Receipt(detail=f"ServiceNow: {what} {row.get('number')}", metadata=metadata)


def new_incident(notification: Notification) -> Mapping[str, object]:
    """Return the fields of a new incident."""
    incident: dict[str, object] = {
        "short_description": shortened(notification.subject, LONGEST_SUMMARY),
        "description": shortened(f"{notification.text}\n{notification.url}", LONGEST_TEXT),
        "urgency": urgency_of(notification),
        "impact": WORDS.get(fact(notification, "impact"), "3"),
        "correlation_id": correlation_of(notification),
        "correlation_display": "OpsConductor",
    }
    if notification.recipient:
        incident["assignment_group"] = notification.recipient
    return incident


def correlation_of(notification: Notification) -> str:
    """Return the correlation id, the same for all notifications of an alert."""
    return f"opsconductor-{notification.alert_id}"


def urgency_of(notification: Notification) -> str:
    """Return the alert's own urgency, else one by its severity."""
    own = fact(notification, "urgency")
    return WORDS.get(own) or URGENCIES.get(fact(notification, "severity"), "3")
