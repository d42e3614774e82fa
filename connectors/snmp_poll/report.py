"""What the poller writes down of a device: the payload of its raw events, as JSON."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from opsconductor.model.enums import Category, Severity


class PollFinding(BaseModel):
    """One thing that is wrong, or is over.

    Attributes:
        port: Name of the affected port; empty: it is none, or has no name.
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
    """What was found on a device.

    Attributes:
        kind: `snapshot`: all that is wrong in the scope; `event`: it has happened; `over`: it is over.
        scope: What was looked at, the end of the snapshot's scope.
        at: When it began to look.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["snapshot", "event", "over"]
    address: str = Field(min_length=1, max_length=100)
    name: str | None = Field(default=None, max_length=255)
    scope: str = Field(default="", max_length=255)
    at: datetime
    findings: tuple[PollFinding, ...] = ()
