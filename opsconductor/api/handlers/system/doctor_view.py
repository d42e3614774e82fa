"""Views of the doctor's report."""

from typing import Literal

from pydantic import AwareDatetime, Field

from opsconductor.api.views import View

Verdict = Literal["ok", "warning", "bad"]


class FindingView(View):
    """One finding."""

    area: str = Field(description="`daemon`, `database`, `spool`, `ledger`, `connectors`, ...")
    verdict: Verdict
    text: str
    remedy: str = Field(description="Remedy; empty if none is needed.")


class ReasonView(View):
    """An amount of one stage for one reason."""

    stage: str
    reason: str
    amount: int


class PageView(View):
    """Outcome of the messages of one connector."""

    connector: str
    stages: dict[str, int] = Field(description="Amounts of all stages, added up over their reasons.")
    reasons: list[ReasonView] = Field(description="Losses and rejections, largest first.")
    gap: int = Field(description="Number unaccounted for.")


class GapView(View):
    """An equation of the ledger that does not hold."""

    connector: str
    equation: str
    missing: int = Field(description="Negative: this many were counted twice.")


class LedgerView(View):
    """The loss ledger of a period."""

    since: AwareDatetime | None = Field(description="Null: since the start of the daemon.")
    connectors: list[PageView]
    gaps: list[GapView]
    unknown_s: int = Field(description="Seconds not counted: the daemon ended without shutdown.")
    down_s: int = Field(description="Seconds not listened: the daemon was stopped.")


class SampleView(View):
    """The beginning of a message that could not be decoded."""

    connector: str
    reason: str
    at: AwareDatetime
    peer: str
    first_bytes: str = Field(description="Hexadecimal; texts and communities are masked.")


class KeptView(View):
    """What is kept of a kind of data."""

    name: str
    setting: str = Field(description="Key of the setting that says for how long.")
    length: str = Field(description="Its value, as `730 days`.")
    oldest_at: AwareDatetime | None = Field(description="Time of the oldest row; null: none, or not known.")
    is_known: bool = Field(description="Whether the oldest row was found within half a second.")
    bytes: int = Field(description="Size of its tables with their indexes.")


class DoctorView(View):
    """The complete report of the doctor."""

    verdict: Verdict = Field(description="The worst of all findings.")
    at: AwareDatetime
    findings: list[FindingView]
    ledger: LedgerView | None
    samples: list[SampleView]
    retention: list[KeptView] = Field(default_factory=list, description="Empty: it could not be read.")
