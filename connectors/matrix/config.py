"""Configuration of the Matrix channel."""

import re
from typing import Annotated

from pydantic import HttpUrl, SecretStr

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

ROOM = re.compile(r"![^\s:/?#]{1,200}(:[A-Za-z0-9.:\[\]-]{1,230})?")


ROOM_ID = Shape(f"^({ROOM.pattern})$", "the id of a room such as !abcdef:example.net; its settings show it")


class MatrixConfig(MessageOptions):
    """Home server and user."""

    url: HttpUrl
    """Address of the home server (`https://matrix.example.net`)."""

    token: SecretStr
    """Access token of a user who is a member of the rooms; give it by reference."""

    room: Annotated[str, ROOM_ID] | None = None
    """Room for rules without recipients: its id (`!abcdef:example.net`), which room settings show. Encrypted
    rooms show the messages as not encrypted.
    """


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no id of a room; empty: the configured one."""
    if text and not ROOM.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not the id of a room such as !abcdef:example.net")
