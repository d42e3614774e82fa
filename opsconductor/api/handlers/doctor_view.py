"""What the examination of the daemon answers."""

from typing import Literal

from pydantic import AwareDatetime, Field

from opsconductor.api.views import View

Verdict = Literal["ok", "warning", "bad"]


class FindingView(View):
    """One thing that was looked at."""

    area: str = Field(description="`daemon`, `database`, `spool`, `ledger`, `connectors`, ...")
    verdict: Verdict
    text: str
    remedy: str = Field(description="What to do; empty when nothing has to be done.")


class ReasonView(View):
    """So much of one stage for one reason."""

    stage: str
    reason: str
    amount: int


class PageView(View):
    """What became of the messages of one connector."""

    connector: str
    stages: dict[str, int] = Field(description="Amounts of all stages, added up over their reasons.")
    reasons: list[ReasonView] = Field(description="What did not go through, the most first.")
    gap: int = Field(description="How many are unaccounted for.")


class GapView(View):
    """A sum of the ledger that does not close."""

    connector: str
    equation: str
    missing: int = Field(description="Negative: so many were counted twice.")


class LedgerView(View):
    """The loss ledger of some time."""

    since: AwareDatetime | None = Field(description="Null: since the start of the daemon.")
    connectors: list[PageView]
    gaps: list[GapView]
    unknown_s: int = Field(description="Seconds nobody counted: the daemon ended without a word.")
    down_s: int = Field(description="Seconds nobody listened: the daemon was stopped.")


class SampleView(View):
    """The beginning of a message that could not be decoded."""

    connector: str
    reason: str
    at: AwareDatetime
    peer: str
    first_bytes: str = Field(description="Hexadecimal; texts and communities are masked.")


class DoctorView(View):
    """Everything that the doctor has found."""

    verdict: Verdict = Field(description="The worst of all findings.")
    at: AwareDatetime
    findings: list[FindingView]
    ledger: LedgerView | None
    samples: list[SampleView]
