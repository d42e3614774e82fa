"""Configuration of the webhook channel."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, field_validator

from opsconductor.connector.duration import AttemptTimeout, parse_duration

"""Below the worker's own limit for one attempt, so that the channel reports the reason."""

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 section 5.6.2."""

OWN_HEADERS = ("content-", "host", "connection", "transfer-encoding", "idempotency-key", "x-opsconductor-")


class WebhookConfig(BaseModel):
    """URL, signature and headers of notifications."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    url: HttpUrl = Field(repr=False)
    """URL to post to. Often a secret itself: never shown in logs or messages; may be a reference."""

    secret: SecretStr | None = Field(default=None, min_length=16)
    """Key of the HMAC-SHA256 signature, at least 16 characters. Null (default): not signed."""

    headers: dict[str, SecretStr] = {}
    """Further headers, such as `Authorization: Bearer ...`; give their values by reference."""

    timeout: AttemptTimeout = parse_duration("10s")
    """Time limit of one attempt, which is then retried later. At most 55s."""

    verify_ssl: bool = True
    """False accepts any certificate: an attacker on the path can read and answer. Prefer `ca_file`."""

    ca_file: Path | None = None
    """PEM file of a private certificate authority. Null (default): those of the system."""

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

    @property
    def place(self) -> str:
        """The public part of the URL: scheme, host and port."""
        return f"{self.url.scheme}://{self.url.host}:{self.url.port}"
