"""Configuration of the ntfy channel."""

import re
from typing import Annotated

from pydantic import Field, HttpUrl, SecretStr

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")


TOPIC_NAME = Shape(
    f"^{TOPIC.pattern}$", "the name of a topic such as noc_alerts: at most 64 letters, digits, _ and -"
)


class NtfyConfig(MessageOptions):
    """Server and topic."""

    url: HttpUrl = HttpUrl("https://ntfy.sh/")
    """Address of the server, without topic."""

    token: SecretStr | None = None
    """Access token (`tk_...`); give it by reference. Null (default): none."""

    topic: Annotated[str, TOPIC_NAME] | None = Field(default=None, repr=False)
    """Topic for rules without recipients. On a server without access control all who know it can read it."""


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no topic; empty: the configured one."""
    if text and not TOPIC.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a topic: letters, digits, _ and -, at most 64")
