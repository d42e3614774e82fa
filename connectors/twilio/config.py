"""Configuration of the Twilio channel."""

import re
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr

from opsconductor.connector.outgoing.own_texts import MessageOptions
from opsconductor.connector.settings.shape import Shape

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
"""E.164."""


ACCOUNT = Shape(
    "^AC[0-9a-zA-Z]{32}$", "the id of an account: AC and 32 letters and digits, as the console shows it"
)
API_KEY = Shape(
    "^SK[0-9a-zA-Z]{32}$", "the id of an API key: SK and 32 letters and digits, as the console shows it"
)
SENDER = Shape(
    r"^(\+[1-9][0-9]{6,14}|MG[0-9a-zA-Z]{32}|[A-Za-z0-9 ]{1,11})$",
    "a number such as +493012345678, a messaging service (MG and 32 letters and digits), or a name of at "
    "most 11 letters, digits and spaces",
)
LANGUAGE = Shape("^[a-z]{2,3}-[A-Z]{2}$", "a language with its country, such as en-US or de-DE")


class TwilioConfig(MessageOptions):
    """Account, sender, and whether it writes or calls."""

    account_sid: Annotated[str, ACCOUNT]
    """Id of the account (`AC` and 32 characters)."""

    username: Annotated[str, API_KEY] | None = None
    """Id of an API key, which is better than the account's own token. Null (default): the account."""

    token: SecretStr
    """Secret of the API key, or the account's auth token; give it by reference."""

    mode: Literal["sms", "voice"] = "sms"
    """`sms` writes; `voice` calls and reads the subject twice, for problems and escalations only."""

    sender: Annotated[str, SENDER] = Field(alias="from")
    """Number of the sender; for `sms` also a messaging service (`MG...`) or an alphanumeric sender."""

    language: Annotated[str, LANGUAGE] = "en-US"
    """Language in which `voice` reads."""

    prompt: str = Field(default="Press 1 to acknowledge.", max_length=200)
    """What `voice` says after the subject, in `language`: key 1 acknowledges, if `public_url` is set."""

    longest_text: int = Field(default=459, ge=70, le=1_600)
    """Maximum number of characters; 459 are three parts of an SMS, each of which is charged."""

    api_url: HttpUrl = HttpUrl("https://api.twilio.com/")
    """Address of the API."""


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no telephone number."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a telephone number such as +491701234567")
