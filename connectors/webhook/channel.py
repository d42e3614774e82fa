"""Webhook channel: posts to one URL over persistent connections."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from connectors.webhook.config import WebhookConfig
from connectors.webhook.message import body_of, headers_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import rendered_or
from opsconductor.connector.outgoing.redact import secrets_of_url, words_of
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.model.notifications.notification import Notification, Receipt


class WebhookChannel:
    """Posts each notification as one signed document."""

    def __init__(self, config: WebhookConfig, context: ConnectorContext) -> None:
        self._config = config
        self._report_template = context.report_template
        self._url = str(config.url)
        self._template = config.template
        headers = {name: value.get_secret_value() for name, value in config.headers.items()}
        self._web = WebClient(config, context.destinations, headers=headers, secrets=secrets_of(config))

    async def send(self, notification: Notification) -> Receipt:
        """Post one notification.

        Raises:
            Unreachable: No answer, or one that means try later (401, 403, 408, 425, 429, 5xx).
            Rejected: Any other unsuccessful answer, redirects included.
        """
        config = self._config
        key = config.secret.get_secret_value().encode() if config.secret else None
        body, content_type = self._body(notification)
        headers = headers_of(notification, body, key, datetime.now(UTC))
        answer = await self._web.send(
            config.method, self._url, body, headers={**headers, "Content-Type": content_type}
        )
        return Receipt(detail=f"HTTP {answer.checked().status}")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return the body; raises ValueError if the template fails."""
        if self._template is None:
            return {"body": body_of(notification).decode()}
        return {"body": self._template.render(notification)}

    async def check(self) -> CheckResult:
        """Send HEAD to the URL: tests name, connection and certificate without a notification."""
        return await self._web.check(self._url, {"signed": self._config.secret is not None})

    async def close(self) -> None:
        """Close the connections; later sends fail."""
        await self._web.close()

    def _body(self, notification: Notification) -> tuple[bytes, str]:
        """Return the body and its type; when the template fails, the document that is sent without one."""
        standard, template = (body_of(notification), "application/json"), self._template
        if template is None:
            return standard

        def render() -> tuple[bytes, str]:
            return template.render(notification).encode(), self._config.content_type

        return rendered_or(lambda: standard, render, notification, self._report_template)


def secrets_of(config: WebhookConfig) -> Iterator[str]:
    """Yield the texts of a configuration that must not be shown."""
    if config.secret is not None:
        yield config.secret.get_secret_value()
    for value in config.headers.values():
        yield from words_of(value.get_secret_value())
    yield from secrets_of_url(str(config.url))
