"""Views of the daemon: statistics, settings, loss ledger over time."""

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from opsconductor.api.handlers.system.doctor_view import LedgerView
from opsconductor.api.http.parameters import Number, Parameters
from opsconductor.api.views import View

MOST_HOURS = 90 * 24


class DoctorParameters(Parameters):
    """How an examination is answered."""

    format: Literal["json", "jsonl"] = Field(
        "json",
        description='`jsonl`: JSON lines while it runs, `{"waiting": [steps], "of": number}`, and last '
        '`{"report": ...}`.',
    )


class SpoolSizeView(View):
    """The backlog of the spool."""

    entries: int
    bytes: int
    oldest_age_s: float
    error: str | None = Field(description="Why it accepts nothing more, so that nothing is acknowledged.")


class TableSizeView(View):
    """The size of a table with its partitions and indexes."""

    table: str
    bytes: int
    bytes_a_day: float | None = Field(description="Growth; null: unknown before a whole day has passed.")


class DaemonStatsView(View):
    """What the daemon uses and holds."""

    version: str
    started_at: AwareDatetime
    database: str
    spool: SpoolSizeView
    alerts_open: dict[str, int] = Field(description="By status.")
    intake_waiting: int = Field(description="Messages that wait for the pipeline.")
    event_loop_longest_block_ms: float = Field(description="In the last minute.")
    memory_bytes: int = Field(description="Resident.")
    cpu_s: float = Field(description="Processor time since the start.")
    cpu_share: float = Field(description="Of one core, on average since the start.")
    tables: list[TableSizeView] = Field(description="The largest first.")
    tables_bytes: int


class SettingView(View):
    """A setting in force."""

    key: str
    value: Any = Field(description="Secrets are masked.")
    default: Any
    origin: Literal["default", "file", "environment"]
    place: str = Field(description="File and line, or the name of the variable; empty: the default.")
    about: str = Field(description="Meaning, unit and the reason for the default.")


class LedgerParameters(Parameters):
    """Period of the ledger."""

    hours: Number = Field(24, ge=1, le=MOST_HOURS, description="Back from now.")


class LedgerStepView(View):
    """Amounts of one step of time, over all connectors."""

    at: AwareDatetime = Field(description="Begin of the step.")
    received: int
    turned_away: int = Field(description="Rejected, undecodable or duplicate.")
    lost: int


class LedgerOverTime(LedgerView):
    """The loss ledger, and how it spreads over time."""

    step_s: int = Field(description="Length of a step of `over_time` in seconds.")
    over_time: list[LedgerStepView] = Field(description="Steps with messages, the oldest first.")
    received: dict[str, list[int]] = Field(
        description="By connector what it has received, a number for each step of `over_time`."
    )
