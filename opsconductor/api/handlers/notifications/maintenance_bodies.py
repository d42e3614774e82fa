"""Bodies and answers of the endpoints of maintenance windows."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from opsconductor.api.http.alert_parameters import YesOrNo
from opsconductor.api.http.parameters import NO_NUL, SOME_TEXT, Lasts, Parameters, Time
from opsconductor.api.views import View
from opsconductor.config.provision.declared.maintenance import MOST_ANNOUNCED
from opsconductor.model.notifications.maintenance import MuteMode

LONGEST_NAME = 100


class AnnounceTo(Parameters):
    """A channel, and whom it notifies."""

    channel: Annotated[str, Field(max_length=50), SOME_TEXT] | None = Field(
        None, description="Name of a connector."
    )
    type: Annotated[str, Field(max_length=50), SOME_TEXT] | None = Field(
        None, description="Type of a connector in place of its name, if one is enabled."
    )
    recipients: list[Annotated[str, Field(max_length=255), SOME_TEXT]] = Field(
        default_factory=list, description="Empty: those of the channel itself."
    )


class MaintenanceBody(Parameters):
    """A maintenance window, or a silence: one that begins now."""

    name: Annotated[str, Field(max_length=LONGEST_NAME), SOME_TEXT] | None = Field(
        None, description="Unique; default: of the device and the time."
    )
    reason: Annotated[str, Field(max_length=1_000), NO_NUL] | None = None
    conditions: dict[str, Any] = Field(
        default_factory=dict,
        description="Of the alerts, as in notification rules; see docs/notifications.md.",
    )
    behind: Annotated[str, Field(max_length=255), SOME_TEXT] | None = Field(
        None, description="A device: the alerts of it, and of the devices that are cut off without it."
    )
    everything: bool = Field(
        default=False, strict=True, description="Must be true if there are no conditions and no device."
    )
    mode: MuteMode = MuteMode.MUTE
    start_at: Time | None = Field(None, description="Default: now.")
    end_at: Time | None = Field(None, description="Its end, or `lasts`; of one that recurs the last end.")
    lasts: Lasts | None = Field(None, description="How long, in place of `end_at`: `30m`, `2h`, `1d`.")
    recurring: dict[str, Any] | None = Field(
        None, description="`rule` (RFC 5545) and `zone`; each occurrence `lasts` as long as is given."
    )
    announce: list[AnnounceTo] = Field(
        default_factory=list, max_length=MOST_ANNOUNCED, description="Who is notified of begin and end."
    )


class MaintenanceEnd(Parameters):
    """The planned end of a window; a change takes effect at once."""

    end_at: Time


class TakeOverParameters(Parameters):
    """Whether a change may concern what a file declares."""

    take_over: YesOrNo = Field(
        None, description="Take over a window that a file declares: the file no longer changes it."
    )


class MaintenanceView(View):
    """A maintenance window and what it does at present."""

    id: UUID
    name: str
    reason: str | None
    conditions: dict[str, Any]
    behind: str | None
    mode: MuteMode
    start_at: AwareDatetime
    end_at: AwareDatetime | None = Field(description="The planned end; of one that was ended the end.")
    recurring: dict[str, Any] | None
    announce: list[dict[str, Any]] = Field(description="Channels and recipients of begin and end.")
    state: str = Field(description="`planned`, `active` or `over`.")
    state_until: AwareDatetime | None = Field(description="End of the present state; null: there is none.")
    muted: int = Field(
        description="Open alerts that it mutes; of several windows the one that ends last counts."
    )
    held: int = Field(description="Of these, alerts that would be notified if the window ended now.")
    created_by: str | None
    declared_in: str | None = Field(
        description="The file that declares it: only `take_over=true` moves its end or deletes it; ending it "
        "now leaves the declaration as it is."
    )
    is_whole: bool = Field(
        description="False: callers with a row filter see no `conditions`, `behind` and `announce`, which "
        "may name devices of others, and cannot change it."
    )
