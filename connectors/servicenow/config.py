"""Configuration of the ServiceNow channel."""

from typing import Annotated, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from opsconductor.connector.outgoing.web import WebOptions
from opsconductor.connector.settings.shape import Shape

TABLE = Shape(
    "^[a-z][a-z0-9_]{0,79}$",
    "the name of a table such as incident: small letters, digits and _, first a letter, at most 80",
)


class ServiceNowConfig(WebOptions):
    """Instance, access, and fields of incidents."""

    url: HttpUrl
    """Address of the instance (`https://example.service-now.com`)."""

    username: str | None = Field(default=None, min_length=1)
    """User with the right to create and change incidents; with `password`."""

    password: SecretStr | None = None
    """Its password; give it by reference."""

    token: SecretStr | None = None
    """Instead of user and password: a bearer token of OAuth."""

    table: Annotated[str, TABLE] = "incident"
    """Table of the Table API."""

    fields: dict[str, str] = Field(default_factory=dict)
    """Further fields of new incidents (`caller_id`, `category`, `cmdb_ci`), as the instance names them."""

    resolved_state: str = "6"
    """Value of `state` for a resolved incident."""

    close_code: str = "Resolved by request"
    """Value of `close_code`; one of the instance's own list."""

    @model_validator(mode="after")
    def _log_in_is_complete(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password are required together")
        if (self.username is None) == (self.token is None):
            raise ValueError("give username and password, or token")
        return self
