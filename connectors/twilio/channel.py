"""Twilio channel: messages and calls of the REST API.

Source:
    twilio.com/docs: "Messages resource", "Calls resource", "Gather", "Errors".
"""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from connectors.twilio.config import TwilioConfig, check_recipient
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import is_about_problem, shortened
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.web import WebClient, basic_authorization
from opsconductor.errors import ConnectorError, Rejected
from opsconductor.model.notifications.notification import Notification, Receipt

KEY_WITHIN_S = 10
"""Seconds after the last word within which a key is awaited."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class TwilioChannel:
    """Writes or calls."""

    def __init__(self, config: TwilioConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._config = config
        token = config.token.get_secret_value()
        authorization = basic_authorization(config.username or config.account_sid, token)
        self._account = f"{config.api_url}2010-04-01/Accounts/{config.account_sid}"
        self._web = WebClient(
            config, context.destinations, headers={"Authorization": authorization}, secrets=[token]
        )

    async def send(self, notification: Notification) -> Receipt:
        """Write or call once.

        Raises:
            Unreachable: No answer, 429, 5xx, or credentials that can be corrected.
            Rejected: Twilio refuses the number or the text.
        """
        notification = self._texts.written(notification)
        try:
            check_recipient(notification.recipient)
        except ValueError as error:
            raise Rejected(str(error)) from error
        is_call = self._config.mode == "voice"
        if is_call and not is_about_problem(notification):
            return Receipt(detail=f"not called: calls are for problems, this is a {notification.kind}")
        resource, form = (
            ("Calls", self._call(notification)) if is_call else ("Messages", self._sms(notification))
        )
        body = urlencode(form).encode("ascii")
        answer = await self._web.send("POST", f"{self._account}/{resource}.json", body, headers=FORM)
        found = answer.checked().document()
        sid = found.get("sid")
        return Receipt(detail=f"Twilio: {found.get('status')} {sid}", metadata={"sid": sid} if sid else {})

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Read the account; nothing is sent."""
        try:
            answer = await self._web.send("GET", f"{self._account}.json")
            found = answer.checked().document()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        status = found.get("status")
        return CheckResult(ok=status == "active", message=f"the account is {status}")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    def _sms(self, notification: Notification) -> Mapping[str, str]:
        sender = self._config.sender
        ends = f"\n{notification.url}" if notification.url else ""
        key = "MessagingServiceSid" if sender.startswith("MG") and sender[2:].isalnum() else "From"
        longest = self._config.longest_text
        text = shortened(notification.subject, max(1, longest - len(ends))) + ends
        if notification.own_text:
            text = shortened(notification.own_text, longest)
        return {"To": notification.recipient, key: sender, "Body": text[:longest]}

    def _said(self, text: str) -> str:
        return f'<Say language="{self._config.language}">{escape(text)}</Say>'

    def _call(self, notification: Notification) -> Mapping[str, str]:
        text = notification.own_text or notification.subject
        subject = self._said(shortened(text, self._config.longest_text))
        said = f'{subject}<Pause length="1"/>{subject}'
        if notification.acknowledge_url:
            action = f"{escape(notification.acknowledge_url)}/call"
            gather = f'<Gather numDigits="1" timeout="{KEY_WITHIN_S}" action="{action}">'
            said = f"{gather}{said}{self._said(self._config.prompt)}</Gather>"
        twiml = f"<Response>{said}</Response>"
        return {"To": notification.recipient, "From": self._config.sender, "Twiml": twiml}
