"""Configuration of the Jira channel."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from opsconductor.connector.outgoing.web import WebOptions
from opsconductor.connector.settings.shape import Shape

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,31}")


PROJECT_KEY = Shape(
    f"^{PROJECT.pattern}$",
    "the key of a project such as NOC: capital letters, digits and _, first a letter, 2 to 32",
)


class JiraConfig(WebOptions):
    """Server, access, and fields of issues."""

    url: HttpUrl
    """Address of Jira (`https://example.atlassian.net`)."""

    deployment: Literal["cloud", "data_center"] = "cloud"
    """Which of both; they differ in the search."""

    username: str | None = Field(default=None, min_length=1)
    """Cloud: e-mail address of the account. Data Center: user name, or null with a personal access token."""

    token: SecretStr
    """Cloud: API token. Data Center: password of the user, or a personal access token. By reference."""

    project: Annotated[str, PROJECT_KEY] | None = None
    """Key of the project for rules without recipients."""

    issue_type: str = Field(default="Task", min_length=1, max_length=100)
    """Name of the issue type."""

    fields: dict[str, object] = Field(default_factory=dict)
    """Further fields of new issues, as the REST API takes them."""

    done_transitions: tuple[str, ...] = ("Done", "Resolve Issue", "Resolved", "Close Issue", "Closed")
    """Names of transitions or of the statuses that they lead to; the first one possible closes an issue."""

    @model_validator(mode="after")
    def _cloud_has_a_user(self) -> Self:
        if self.deployment == "cloud" and self.username is None:
            raise ValueError("cloud needs username: the e-mail address of the account")
        return self


def check_recipient(text: str) -> None:
    """Raise ValueError if a recipient is no key of a project; empty: the configured one."""
    if text and not PROJECT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not the key of a project such as NOC")
