"""Configuration of the webhook channel."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, field_validator

from opsconductor.connector.duration import Duration, parse_duration

LONGEST_TIMEOUT = parse_duration("55s")
"""Below the worker's own limit for one attempt, so that it is the channel that says what happened."""

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 section 5.6.2."""

OWN_HEADERS = ("content-", "host", "connection", "transfer-encoding", "idempotency-key", "x-opsconductor-")


class WebhookConfig(BaseModel):
    """Where notifications are posted, and how the receiver knows that they are ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    url: HttpUrl = Field(repr=False)
    """Where to post. Often a secret itself: never shown in logs or messages; may be a reference."""

    secret: SecretStr | None = Field(default=None, min_length=16)
    """Key of the HMAC-SHA256 signature, at least 16 characters. Null (default): not signed."""

    headers: dict[str, SecretStr] = {}
    """Further headers, such as `Authorization: Bearer ...`; give their values by reference."""

    timeout: Duration = parse_duration("10s")
    """After so long an attempt counts as failed and is repeated later. At most 55s."""

    verify_ssl: bool = True
    """False takes any certificate: whoever sits on the way can read and answer. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of the authorities to trust, for a private one. Null (default): those of the system."""

    @field_validator("url")
    @classmethod
    def _url_has_no_password(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password:
            raise ValueError("user and password do not belong into the URL: use headers")
        return url

    @field_validator("headers")
    @classmethod
    def _headers_are_sound(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not HEADER_NAME.fullmatch(name) or name.lower().startswith(OWN_HEADERS):
                raise ValueError(f"{name!r} is no header that can be set")
            if not value.get_secret_value().isascii() or not value.get_secret_value().isprintable():
                raise ValueError(f"the value of {name} must be one line of ASCII")
        return headers

    @field_validator("timeout")
    @classmethod
    def _timeout_is_sensible(cls, timeout: Duration) -> Duration:
        if not parse_duration("1s") <= timeout <= LONGEST_TIMEOUT:
            raise ValueError("between 1s and 55s")
        return timeout

    @property
    def place(self) -> str:
        """The part of the URL that is no secret: scheme, host and port."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
