"""Jira channel: issues of the REST API, version 2, which Cloud and Data Center have.

Source:
    developer.atlassian.com, "Jira Cloud platform REST API v2": issues, comments, transitions, JQL search.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.jira.config import JiraConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import is_over, shortened
from opsconductor.connector.outgoing.web import WebAnswer, WebClient, basic_authorization
from opsconductor.errors import ConnectorError, Rejected
from opsconductor.model.notifications.notification import Notification, Receipt

LONGEST_SUMMARY = 250
LONGEST_TEXT = 30_000
NOT_FOUND = 404
Json = Mapping[str, object]


class JiraChannel:
    """Opens an issue for each problem, comments on it, and closes it with the recovery."""

    def __init__(self, config: JiraConfig, context: ConnectorContext) -> None:
        self._config = config
        self._api = f"{str(config.url).rstrip('/')}/rest/api/2"
        token = config.token.get_secret_value()
        user = config.username
        authorization = basic_authorization(user, token) if user else f"Bearer {token}"
        headers = {"Accept": "application/json", "Authorization": authorization}
        self._web = WebClient(config, context.destinations, headers=headers, secrets=[token])

    async def send(self, notification: Notification) -> Receipt:
        """Open, comment or close the issue of an alert.

        Raises:
            Unreachable: No answer, 429, 5xx, or access that can be corrected.
            Rejected: Jira refuses the values, or no transition closes the issue.
        """
        key = notification.earlier.get("key")
        if not isinstance(key, str) and (notification.attempt > 1 or is_over(notification)):
            key = await self._find(notification)
        if isinstance(key, str) and await self._comment(key, notification):
            if is_over(notification):
                await self._finish(key)
            what = "closed" if is_over(notification) else "commented"
            return Receipt(detail=f"Jira: {what} {key}", metadata={"key": key})
        if is_over(notification):
            return Receipt(detail="Jira: there is no open issue to close")
        answer = await self._call("POST", "/issue", {"fields": self._fields(notification)})
        key = answer.checked().document().get("key")
        return Receipt(detail=f"Jira: opened {key}", metadata={"key": key} if isinstance(key, str) else {})

    async def check(self) -> CheckResult:
        """Ask who the user is; nothing is created."""
        try:
            found = (await self._call("GET", "/myself")).checked().document()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(ok=True, message=f"Jira knows the user {found.get('displayName')}")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    def _fields(self, notification: Notification) -> Json:
        project = notification.recipient or self._config.project
        if not project:
            raise Rejected("no project: give the rule a recipient such as NOC, or set project")
        ends = f"\n{notification.url}" if notification.url else ""
        own = self._config.fields
        labels = own.get("labels")
        return {
            **own,
            "project": {"key": project},
            "issuetype": {"name": self._config.issue_type},
            "summary": shortened(notification.subject, LONGEST_SUMMARY),
            "description": _literal(shortened(notification.text + ends, LONGEST_TEXT)),
            "labels": [*(labels if isinstance(labels, list) else []), label_of(notification)],
        }

    async def _find(self, notification: Notification) -> str | None:
        """Return the open issue of an alert, which an attempt without answer may have created."""
        path = "/search/jql" if self._config.deployment == "cloud" else "/search"
        jql = f'labels = "{label_of(notification)}" AND statusCategory != Done'
        asked = urlencode({"jql": jql, "fields": "status", "maxResults": 1})
        found = (await self._call("GET", f"{path}?{asked}")).checked().document()
        issues = found.get("issues")
        first = issues[0] if isinstance(issues, list) and issues else None
        key = first.get("key") if isinstance(first, Mapping) else None
        return key if isinstance(key, str) else None

    async def _comment(self, key: str, notification: Notification) -> bool:
        """Add a comment; return False if the issue does not exist any more."""
        body = f"{notification.subject}\n\n{notification.text}"
        document = {"body": _literal(shortened(body, LONGEST_TEXT))}
        answer = await self._call("POST", f"/issue/{key}/comment", document)
        if answer.status == NOT_FOUND:
            return False
        answer.checked()
        return True

    async def _finish(self, key: str) -> None:
        """Do the first configured transition that is possible, unless the issue is done already."""
        issue = (await self._call("GET", f"/issue/{key}?fields=status")).checked().document()
        if _at(issue, "fields", "status", "statusCategory", "key") == "done":
            return
        found = (await self._call("GET", f"/issue/{key}/transitions")).checked().document()
        listed = found.get("transitions")
        possible = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
        for name in self._config.done_transitions:
            for transition in possible:
                if name in (transition.get("name"), _at(transition, "to", "name")):
                    document = {"transition": {"id": transition.get("id")}}
                    (await self._call("POST", f"/issue/{key}/transitions", document)).checked()
                    return
        names = ", ".join(str(each.get("name")) for each in possible) or "none"
        raise Rejected(f"{key} cannot be closed: possible are {names}; set done_transitions")

    async def _call(self, method: str, path: str, document: Json | None = None) -> WebAnswer:
        if document is None:
            return await self._web.send(method, f"{self._api}{path}")
        return await self._web.send_json(method, f"{self._api}{path}", document)


def label_of(notification: Notification) -> str:
    """Return the label by which the issue of an alert is found."""
    return f"opsconductor-{notification.alert_id}"


def _literal(text: str) -> str:
    """Return a text that Jira shows as it is, so that no text of a device is markup."""
    return "{noformat}\n" + text.replace("{noformat}", "(noformat)").strip() + "\n{noformat}"


def _at(value: object, *path: str) -> object:
    """Return a value within objects of an answer; None if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
