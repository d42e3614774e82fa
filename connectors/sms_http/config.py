"""Configuration of the channel to an SMS gateway that is asked by HTTP."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from opsconductor.connector.outgoing.template import BodyTemplate, TemplateForm
from opsconductor.connector.outgoing.web import WebOptions
from opsconductor.connector.settings.shape import MEDIA_TYPE

NUMBER = re.compile(r"\+?[0-9]{3,15}")
LONGEST_PATTERN = 200


class SmsHttpConfig(WebOptions):
    """The request for one message."""

    url: SecretStr
    """URL, which may contain `{{ recipient | urlencode }}` and `{{ text | urlencode }}`; give it by reference
    if it contains a password.
    """

    method: Literal["GET", "POST", "PUT"] = "POST"
    """HTTP method."""

    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Further headers, such as `Authorization`; give their values by reference."""

    body: str | None = None
    """Template of the body, see README.md. Null (default): none."""

    content_type: Annotated[str, MEDIA_TYPE] = "application/x-www-form-urlencoded"
    """Type of the body."""

    accepted: str | None = Field(default=None, max_length=LONGEST_PATTERN)
    """Text that the answer must contain; for gateways that answer 200 to everything. Null (default): none."""

    longest_text: int = Field(default=459, ge=70, le=1_600)
    """Maximum number of characters of a message."""

    per_s: float = Field(default=1, gt=0, le=100)
    """Messages per second that the gateway takes."""

    @field_validator("url")
    @classmethod
    def _url_is_one(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in parts.netloc:
            raise ValueError("expected http:// or https://, and a host without template")
        return url

    @model_validator(mode="after")
    def _templates_can_be_rendered(self) -> Self:
        BodyTemplate(self.url.get_secret_value(), TemplateForm.TEXT)
        if self.body is not None:
            BodyTemplate(self.body, self.form)
        return self

    @property
    def form(self) -> TemplateForm:
        """What the body is."""
        return TemplateForm.JSON if self.content_type == "application/json" else TemplateForm.TEXT


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no telephone number."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a telephone number such as +491701234567")
