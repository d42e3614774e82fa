"""Channel to an SMS gateway: one request for each message."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.sms_http.config import SmsHttpConfig, check_recipient
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import shortened
from opsconductor.connector.outgoing.own_texts import rendered_or
from opsconductor.connector.outgoing.redact import secrets_of_url, words_of
from opsconductor.connector.outgoing.template import BodyTemplate, TemplateForm
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import Rejected
from opsconductor.model.notifications.notification import Notification, Receipt


class SmsHttpChannel:
    """Asks the gateway to send each notification as a text message."""

    def __init__(self, config: SmsHttpConfig, context: ConnectorContext) -> None:
        self._config = config
        self._report_template = context.report_template
        self._url = BodyTemplate(config.url.get_secret_value(), TemplateForm.TEXT)
        self._body = BodyTemplate(config.body, config.form) if config.body is not None else None
        headers = {name: value.get_secret_value() for name, value in config.headers.items()}
        self._web = WebClient(config, context.destinations, headers=headers, secrets=secrets_of(config))

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: No answer, or one that means try later.
            Rejected: The recipient is no number, or the gateway refuses the message.
        """
        try:
            check_recipient(notification.recipient)
            brief = replace(notification, text=self._text(notification))
            url, body = rendered_or(
                lambda: self._request(brief, is_lenient=True),
                lambda: self._request(brief),
                notification,
                self._report_template,
            )
        except ValueError as error:
            raise Rejected(str(error)) from error
        headers = {} if body is None else {"Content-Type": self._config.content_type}
        answer = (await self._web.send(self._config.method, url, body, headers=headers)).checked()
        accepted = self._config.accepted
        if accepted is not None and accepted not in answer.body.decode("utf-8", "replace"):
            raise Rejected(f"{answer.place} does not accept the message: {answer.excerpt}")
        return Receipt(detail=f"HTTP {answer.status}: {answer.excerpt}")

    async def check(self) -> CheckResult:
        """Send HEAD to the address without path: tests name, connection and certificate, sends no message."""
        url = self._config.url.get_secret_value()
        return await self._web.check("/".join(url.split("/")[:3]) + "/")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    def _request(self, notification: Notification, *, is_lenient: bool = False) -> tuple[str, bytes | None]:
        """Return URL and body; raises ValueError if a template fails.

        Args:
            is_lenient: What the message lacks is left empty: the gateway takes no other form.
        """
        url = self._url.render(notification, is_lenient=is_lenient)
        body = self._body
        return url, None if body is None else body.render(notification, is_lenient=is_lenient).encode()

    def _text(self, notification: Notification) -> str:
        """Return the text of a message: subject and link."""
        ends = f"\n{notification.url}" if notification.url else ""
        longest = self._config.longest_text
        return (shortened(notification.subject, max(1, longest - len(ends))) + ends)[:longest]


def secrets_of(config: SmsHttpConfig) -> Iterator[str]:
    """Yield the texts of a configuration that must not be shown."""
    for value in config.headers.values():
        yield from words_of(value.get_secret_value())
    yield from (part for part in secrets_of_url(config.url.get_secret_value()) if "{{" not in part)
