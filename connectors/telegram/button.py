"""The acknowledge button of a message, and the update that Telegram sends when a person presses it.

Source:
    core.telegram.org/bots/api: InlineKeyboardButton, CallbackQuery, getUpdates, setWebhook (secret_token).
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.text import one_line

PREFIX = "ack:"
TOKEN_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
LONGEST_NAME = 60
LONGEST_TEXT = 4_096
NOT_A_PRESS = "not_an_action"
"""Reason of DecodeError: the update is no press of our button."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramPress:
    """A press of the button of a message.

    Attributes:
        by: Name of the person, for history.
        message: Chat, id, text and entities of the message; without text it is too old to be edited.
    """

    id: str
    alert_id: UUID
    by: str
    message: Json


def keyboard_of(alert_id: UUID) -> Json:
    """Return the keyboard with the button, as a part of a message."""
    button = {"text": "Acknowledge", "callback_data": f"{PREFIX}{alert_id.hex}"}
    return {"reply_markup": {"inline_keyboard": [[button]]}}


def check_token(head: Post, secret: str) -> None:
    """Raise Refused if a post does not carry the secret that was given to setWebhook."""
    given = head.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(given.encode(errors="replace"), secret.encode()):
        raise Refused("unauthorized", "the secret token is missing or wrong; see setWebhook", status=401)


def update_of(body: bytes) -> Json:
    """Return the update in the body of a post; raises DecodeError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DecodeError(NOT_A_PRESS, type(error).__name__) from None
    if not isinstance(found, dict):
        raise DecodeError(NOT_A_PRESS, "no object")
    return found


def numbered(updates: object) -> Iterator[tuple[int, Json]]:
    """Yield the updates in an answer to getUpdates with their numbers; what is something else is left out."""
    for update in updates if isinstance(updates, list) else ():
        if isinstance(update, dict) and isinstance(update.get("update_id"), int):
            yield update["update_id"], update


def press_of(update: Mapping[str, Any]) -> TelegramPress | None:
    """Return the press in an update; None: it is something else."""
    try:
        query = update["callback_query"]
        data = query["data"]
        if not data.startswith(PREFIX):
            return None
        return TelegramPress(
            id=str(query["id"]),
            alert_id=UUID(data.removeprefix(PREFIX)),
            by=f"{_name(query['from'])} by Telegram",
            message=dict(query["message"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def answered(message: Mapping[str, Any], text: str) -> Json | None:
    """Return what edits a message: without its button, with the outcome of the press below its text.

    None: Telegram does not say what is in the message, because it is old.
    """
    try:
        old = str(message["text"])
        where = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
    except (KeyError, TypeError):
        return None
    note = f"\n\n\N{WHITE HEAVY CHECK MARK} {text}"
    if len(old) + len(note) > LONGEST_TEXT:
        return None
    entities = message.get("entities")
    return {**where, "text": old + note, "entities": entities if isinstance(entities, list) else []}


def _name(user: Mapping[str, Any]) -> str:
    names = [user.get("first_name"), user.get("last_name")]
    full = " ".join(name for name in names if isinstance(name, str) and name)
    return one_line(full or str(user.get("username") or user["id"]), LONGEST_NAME)
