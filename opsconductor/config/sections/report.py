"""Settings of reports."""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from opsconductor.config.section import Section, as_list
from opsconductor.config.sections.backup import TimeOfDay, ZoneName


class ReportSchedule(Section):
    """A report that is made regularly."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """Name, unique among the schedules: a period is reported once under each name."""

    every: Literal["daily", "weekly", "monthly"] = "weekly"
    """About the day, the week from Monday or the month that is over."""

    at: TimeOfDay = time(6, 0)
    """Time of the day after its end, in `reports.time_zone`. A report that was missed is made later."""

    site: str = ""
    """Devices of one site only. Empty: all, or `device`."""

    device: str = ""
    """One device only, by address or name. Empty: all, or those of `site`."""

    channel: str = ""
    """E-mail channel that sends it as PDF. Empty: it is only kept."""

    recipients: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    """E-mail addresses."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.site and self.device:
            raise ValueError("site and device: give one of them")
        if bool(self.channel) != bool(self.recipients):
            raise ValueError("channel and recipients: give both or none")
        return self


class ReportSettings(Section):
    """Reports about availability, alerts and reactions."""

    time_zone: ZoneName = "UTC"
    """Time zone of days, weeks and months, such as Europe/Berlin."""

    keep_days: int = Field(default=730, ge=1)
    """Days that reports are kept. Two years: to compare with the year before."""

    snapshots_days: int = Field(default=730, ge=1)
    """Days that states of devices are kept. Two years, longer than the history of alerts."""

    schedules: tuple[ReportSchedule, ...] = ()
    """Reports that are made regularly. None by default; any user can make one at any time."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [each.name for each in self.schedules]
        if len(set(names)) < len(names):
            raise ValueError("reports.schedules: two have the same name")
        return self
