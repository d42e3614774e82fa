"""Models of parameters and bodies, used for validation and for the OpenAPI document."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from opsconductor.connector.settings.shape import Shape
from opsconductor.model.enums import Category, Severity, Status

NO_NUL = Shape(r"^[^\x00]*$", "text without NUL characters")
SOME_TEXT = Shape(r"^[^\x00]*[^\x00\s][^\x00]*$", "text that is not blank, without NUL characters")
ONE_LINE = Shape(r"^[^\x00-\x1f]*$", "one line of text, without control characters")
NO_COMMA = Shape(
    r"^[^\x00,]*[^\x00,\s][^\x00,]*$",
    "text that is not blank, without commas and NUL characters, such as core",
)
CURSOR = Shape("^[A-Za-z0-9_-]*$", "the `next_cursor` of an answer: letters, digits, _ and -")
ALERT_TYPE = Shape(
    rf"^({'|'.join(Category)})_[a-z0-9_]+$",
    "an alert type such as storage_backup_failed: a category, _, and small letters, digits and _",
)
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)

LONGEST_NOTES = 10_000


ADDRESS = Shape("^[0-9A-Fa-f:.]*$", "an IP address such as 192.0.2.7 or 2001:db8::7")
LASTS = Shape(
    "^([1-9][0-9]{0,5}m|[1-9][0-9]{0,3}h|[1-9][0-9]{0,2}d)$", "minutes, hours or days, such as 30m, 2h or 1d"
)


def _as_time(text: object) -> object:
    if isinstance(text, str) and TIME.fullmatch(text):
        return text
    raise ValueError("a time like 2025-01-31T08:00:00Z")


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999") from error


def _as_number(text: object) -> object:
    if isinstance(text, str) and not WHOLE_NUMBER.fullmatch(text):
        raise ValueError("a whole number")
    return text


def _as_id(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(
        r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text
    ):
        raise ValueError("a UUID like 0198c5a2-7d3e-7c1b-9a77-2f6d1f0c9b11")
    return text


def _as_whole(number: object) -> object:
    """Accept `4.0` as `4`: JSON Schema counts both as integers."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Address = Annotated[str, Field(max_length=45), ADDRESS]
Name = Annotated[str, Field(max_length=50), NO_NUL]
Text = Annotated[str, Field(max_length=255), NO_NUL]
Time = Annotated[AwareDatetime, BeforeValidator(_as_time), AfterValidator(_to_utc)]
Lasts = Annotated[
    str,
    Field(
        description="Minutes, hours or days: `30m`, `2h`, `1d`.",
    ),
    LASTS,
]
Number = Annotated[int, BeforeValidator(_as_number)]
Step = Annotated[int, Field(ge=1, le=366 * 86_400), BeforeValidator(_as_number)]
"""Seconds, up to a leap year."""
Amount = Annotated[int, Field(ge=0, strict=True), BeforeValidator(_as_whole)]
Id = Annotated[UUID, BeforeValidator(_as_id)]


class Parameters(BaseModel):
    """Base of all models; unknown names are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnyParameters(BaseModel):
    """Any query string: it is read by a connector."""


class NoParameters(Parameters):
    """For endpoints without parameters."""


class HiddenChoice(StrEnum):
    """What becomes of hidden alerts in a list."""

    NO = "no"
    ALSO = "also"
    ONLY = "only"


class CommandBody(Parameters):
    """The expected state, and the expiry of the command; otherwise it is answered 409."""

    expected_status: Status | None = Field(None, description="Reject if the status is different by now.")
    expected_severity: Severity | None = Field(
        None, description="Reject if the severity is different by now."
    )
    expected_acknowledged_by: Annotated[str, Field(max_length=100), NO_NUL] | None = Field(
        None, description="Reject if someone else has acknowledged it by now."
    )
    expires_at: Time | None = Field(
        None, description="Do not execute after this time, by the daemon's clock."
    )


class Remark(CommandBody):
    """An operator's notes on a command."""

    notes: Annotated[str, Field(max_length=LONGEST_NOTES), NO_NUL] | None = None


class TakeBackBody(Remark):
    """The same, to take the command before it back."""

    restore: bool = Field(
        default=False,
        strict=True,
        description="Undo the command before and restore the state before it: the acknowledgement of a "
        "closed alert, the shelf before the last one, the progress of escalations.",
    )


class TestMessage(BaseModel):
    """Recipient of a test message, as in a rule; empty: the channel's own."""

    model_config = ConfigDict(extra="forbid")

    recipient: Annotated[str, Field(max_length=255), NO_NUL] = ""


class NoteBody(CommandBody):
    """A comment for the alert's history."""

    notes: Annotated[str, SOME_TEXT] = Field(max_length=LONGEST_NOTES)


class ShelveBody(Remark):
    """How long no notifications are sent for an alert; `notes` is the reason."""

    lasts: Lasts


class AssignBody(Remark):
    """Assignee of the alert; null: none."""

    assigned_to: Annotated[str, Field(max_length=100), SOME_TEXT] | None


Tags = Annotated[
    tuple[Annotated[str, Field(max_length=100), NO_COMMA], ...],
    Field(max_length=50),
]
SetSeverityTo = Annotated[
    Literal[Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.WARNING, Severity.INFO] | None,
    Field(description="Null: restore the severity of the device."),
]


class TagsBody(Remark):
    """Tags to add, and tags of people to remove."""

    add: Tags = ()
    remove: Tags = ()


class SeverityBody(Remark):
    """Severity in place of that of the device, until it is withdrawn; `notes` is the reason."""

    severity: SetSeverityTo


class AcceptBody(Parameters):
    """Size of an inventory's loss as the operator has seen it."""

    connector: Annotated[str, SOME_TEXT] = Field(max_length=50)
    devices: Amount = Field(description="Expected number of devices; if it differs by now: 409.")
    dependencies: Amount = Field(description="Expected number of dependencies.")


class ForgetBody(Parameters):
    """Which missing dependencies to remove."""

    connector: Annotated[str, Field(max_length=50), SOME_TEXT] | None = None
    confirm: bool = Field(default=False, strict=True, description="False: only list them.")


class LoginBody(Parameters):
    """The API key that opens a session."""

    key: Annotated[str, SOME_TEXT] = Field(max_length=200, repr=False, json_schema_extra={"writeOnly": True})


class WhyParameters(BaseModel):
    """Parameters of the question why a recipient was or was not notified."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(default=None, alias="for", description="A recipient, a rule or a channel.")
