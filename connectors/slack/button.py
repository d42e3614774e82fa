"""The acknowledge button of a message, and the post that Slack sends when a person presses it.

Source:
    docs.slack.dev: "Verifying requests from Slack" (v0), "block_actions payload", "Handling user
    interaction".
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from opsconductor.connector.outgoing.appearance import escaped
from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.text import one_line

ACTION = "opsconductor_acknowledge"
SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"
WINDOW_S = 300
"""Allowed difference of the clocks, and lifetime of a recorded post."""
UNIX_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
LONGEST_NAME = 60
NOT_A_PRESS = "not_an_action"
"""Reason of DecodeError: the post is no press of our button."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of the button of a message.

    Attributes:
        by: Name of the person, for history.
        channel: Id of the channel of the message.
        ts: Id of the message within it.
        message: The message as Slack has it.
        response_url: Where the message can be replaced without a token.
    """

    alert_id: UUID
    by: str
    channel: str
    ts: str
    message: Json
    response_url: str


def button_of(alert_id: UUID) -> Json:
    """Return the block with the button."""
    text = {"type": "plain_text", "text": "Acknowledge"}
    button = {"type": "button", "action_id": ACTION, "text": text, "style": "primary", "value": str(alert_id)}
    return {"type": "actions", "elements": [button]}


def check_head(head: Post) -> None:
    """Raise Refused if a post cannot come from Slack by its headers: the signature covers the body, too."""
    at = head.headers.get(TIMESTAMP, "").strip()
    is_fresh = bool(UNIX_TIME.fullmatch(at)) and abs(head.received_at.timestamp() - int(at)) <= WINDOW_S
    if not head.headers.get(SIGNATURE, "").startswith("v0=") or not is_fresh:
        raise _refused()


def check_signature(post: Post, signing_secret: str) -> None:
    """Raise Refused if a post is not signed with the secret of the app, or is old."""
    check_head(post)
    said = b"v0:" + post.headers[TIMESTAMP].strip().encode() + b":" + post.body
    expected = "v0=" + hmac.new(signing_secret.encode(), said, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, post.headers[SIGNATURE].strip().encode().decode("ascii", "replace")):
        raise _refused()


def press_of(body: bytes) -> Press:
    """Return the press in the body of a post.

    Raises:
        DecodeError: It is something else.
    """
    try:
        document = json.loads(parse_qs(body.decode(), strict_parsing=True)["payload"][0])
        actions = [each for each in document["actions"] if each["action_id"] == ACTION]
        return Press(
            alert_id=UUID(actions[0]["value"]),
            by=f"{_name(document['user'])} by Slack",
            channel=_text(document["container"]["channel_id"]),
            ts=_text(document["container"]["message_ts"]),
            message=dict(document["message"]),
            response_url=_text(document.get("response_url", "")),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise DecodeError(NOT_A_PRESS, type(error).__name__) from None


def answered(message: Json, text: str) -> Json:
    """Return a message without its button, with the outcome of the press in place of it."""
    note = {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(text)}]}
    attachments = [
        {"color": each.get("color"), "blocks": [_without_button(block, note) for block in each["blocks"]]}
        for each in message.get("attachments", ())
        if isinstance(each, dict) and isinstance(each.get("blocks"), list)
    ]
    return {"text": message.get("text", ""), "attachments": attachments}


def _without_button(block: Any, note: Json) -> Any:
    is_button = isinstance(block, Mapping) and block.get("type") == "actions"
    return note if is_button else block


def _name(user: Mapping[str, Any]) -> str:
    name = one_line(_text(user.get("name") or user.get("username") or user["id"]), LONGEST_NAME)
    return name or "unknown user"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _refused() -> Refused:
    text = "the signature of Slack is missing, wrong or old; compare signing_secret with the app's"
    return Refused("unauthorized", text, status=401)
