"""Report of a polled device: the payload of its raw events, as JSON."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from opsconductor.model.enums import Category, Severity


class PollFinding(BaseModel):
    """One problem, or the end of one.

    Attributes:
        port: Name of the affected port; empty: it is not a port, or has no name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    alert_type: str = Field(min_length=1, max_length=100)
    category: Category
    severity: Severity
    resource: str = Field(default="", max_length=1_000)
    title: str = Field(max_length=1_000)
    message: str = Field(default="", max_length=1_000)
    is_cutting: bool = False
    port: str = Field(default="", max_length=1_000)


class PollReport(BaseModel):
    """Result of a poll.

    Attributes:
        kind: `snapshot`: all problems of the scope; `event`: something happened; `over`: a problem is over.
        scope: What was examined; the last part of the snapshot's scope.
        at: When the poll began.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["snapshot", "event", "over"]
    address: str = Field(min_length=1, max_length=100)
    name: str | None = Field(default=None, max_length=255)
    scope: str = Field(default="", max_length=255)
    at: datetime
    findings: tuple[PollFinding, ...] = ()
