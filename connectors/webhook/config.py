"""Configuration of the webhook channel."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator

from opsconductor.connector.outgoing.template import BodyTemplate, TemplateForm
from opsconductor.connector.outgoing.web import WebOptions
from opsconductor.connector.settings.shape import MEDIA_TYPE

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 section 5.6.2."""

OWN_HEADERS = ("content-", "host", "connection", "transfer-encoding", "idempotency-key", "x-opsconductor-")


class WebhookConfig(WebOptions):
    """URL, signature and headers of notifications."""

    url: HttpUrl = Field(repr=False)
    """URL to post to. Often a secret itself: never shown in logs or messages; may be a reference."""

    secret: SecretStr | None = Field(default=None, min_length=16)
    """Key of the HMAC-SHA256 signature, at least 16 characters. Null (default): not signed."""

    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Further headers, such as `Authorization: Bearer ...`; give their values by reference."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    """HTTP method."""

    body: str | None = None
    """Jinja2 template of the body. Null (default): the JSON document that README.md describes."""

    content_type: Annotated[str, MEDIA_TYPE] = "application/json"
    """Type of a templated body; of application/json the result must be JSON."""

    @field_validator("url")
    @classmethod
    def _url_has_no_password(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password:
            raise ValueError("user and password are not allowed in the URL: use headers")
        return url

    @field_validator("headers")
    @classmethod
    def _headers_are_sound(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not HEADER_NAME.fullmatch(name) or name.lower().startswith(OWN_HEADERS):
                raise ValueError(f"{name!r} is not an allowed header")
            if not value.get_secret_value().isascii() or not value.get_secret_value().isprintable():
                raise ValueError(f"the value of {name} must be one line of ASCII")
        return headers

    @model_validator(mode="after")
    def _body_can_be_rendered(self) -> Self:
        if self.body is None and self.content_type != "application/json":
            raise ValueError("content_type is for a body of one's own: set body")
        try:
            _ = self.template
        except ValueError as error:
            raise ValueError(f"body: {error}") from error
        return self

    @property
    def template(self) -> BodyTemplate | None:
        """The compiled template of the body, if there is one."""
        is_json = self.content_type.startswith("application/json")
        form = TemplateForm.JSON if is_json else TemplateForm.TEXT
        return None if self.body is None else BodyTemplate(self.body, form)

    @property
    def place(self) -> str:
        """The public part of the URL: scheme, host and port."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
