"""Matrix channel: the client-server API.

Source:
    spec.matrix.org v1.11, client-server API: "Sending events", "Threading", "Event replacements", errors.
"""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from connectors.matrix.config import MatrixConfig
from connectors.matrix.message import content_of, line_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.web import WebAnswer, WebClient
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt

TOO_MANY_REQUESTS = 429
MOST_WAIT_MS = 86_400_000


class MatrixChannel:
    """Sends each notification as an event; later ones replace that of the problem and are in its thread."""

    def __init__(self, config: MatrixConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._config = config
        token = config.token.get_secret_value()
        self._api = f"{str(config.url).rstrip('/')}/_matrix/client/v3"
        self._web = WebClient(
            config, context.destinations, headers={"Authorization": f"Bearer {token}"}, secrets=[token]
        )

    async def send(self, notification: Notification) -> Receipt:
        """Send one message; its transaction id is that of the notification, so a repeat is recognized.

        Raises:
            Unreachable: No answer, 429 with the time to wait, 5xx, or a token that can be corrected.
            Rejected: The server refuses room or content.
        """
        notification = self._texts.written(notification)
        room = notification.recipient or self._config.room
        if not room:
            raise Rejected("no room: give the rule a recipient such as !abcdef:example.net, or set room")
        first = notification.earlier.get("event_id")
        if not isinstance(first, str):
            event_id = await self._put(room, str(notification.id), content_of(notification))
            return Receipt(detail=f"Matrix: sent {event_id}", metadata={"event_id": event_id})
        content = content_of(notification)
        replacement = {
            **content,
            "body": f"* {content['body']}",
            "m.new_content": content,
            "m.relates_to": {"rel_type": "m.replace", "event_id": first},
        }
        await self._put(room, f"{notification.id}-replace", replacement)
        relation = {
            "rel_type": "m.thread",
            "event_id": first,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": first},
        }
        reply = {"msgtype": "m.text", "body": line_of(notification), "m.relates_to": relation}
        await self._put(room, str(notification.id), reply)
        return Receipt(detail=f"Matrix: replaced {first}", metadata={"event_id": first})

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask who the user is; nothing is sent."""
        try:
            answer = await self._web.send("GET", f"{self._api}/account/whoami")
            if not answer.is_taken:
                raise _failure(answer)
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        user = answer.document().get("user_id")
        return CheckResult(ok=True, message=f"{answer.place} knows the user {user}", details={"user": user})

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    async def _put(self, room: str, transaction: str, content: Mapping[str, object]) -> str:
        """Send an event and return its id."""
        url = f"{self._api}/rooms/{quote(room, safe='')}/send/m.room.message/{transaction}"
        answer = await self._web.send_json("PUT", url, content)
        event_id = answer.document().get("event_id")
        if answer.is_taken and isinstance(event_id, str):
            return event_id
        raise _failure(answer)


def _failure(answer: WebAnswer) -> Unreachable | Rejected:
    found = answer.document()
    if answer.status == TOO_MANY_REQUESTS:
        wait = found.get("retry_after_ms")
        pause = timedelta(milliseconds=max(0, min(wait, MOST_WAIT_MS))) if isinstance(wait, int) else None
        text = f"{answer.place} answers HTTP 429: {answer.excerpt}"
        return Unreachable(text, retry_after=pause or answer.retry_after)
    if found.get("errcode") == "M_FORBIDDEN":
        return Rejected(f"{answer.place} refuses the room: {answer.excerpt}: invite the user and let it join")
    if answer.is_taken:
        return Unreachable(f"{answer.place} answers without an event_id: {answer.excerpt}")
    return answer.failure()
