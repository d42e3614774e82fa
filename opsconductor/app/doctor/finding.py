"""What an examination finds, and the report that holds it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from opsconductor.app.doctor.pages import LedgerPages


class Verdict(StrEnum):
    """How a finding is, from good to bad."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        area: `daemon`, `database`, `spool`, `ledger`, ...
        text: What is so, in one line.
        remedy: What to do; empty when nothing has to be done.
    """

    area: str
    verdict: Verdict
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOfBytes:
    """The beginning of a message that could not be decoded, secrets masked, in hexadecimal."""

    connector: str
    reason: str
    at: datetime
    peer: str
    first_bytes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything found, in the order in which people read it."""

    at: datetime
    findings: Sequence[Finding]
    ledger: LedgerPages | None = None
    samples: Sequence[SampleOfBytes] = field(default_factory=tuple)

    @property
    def verdict(self) -> Verdict:
        """The worst of all findings."""
        order = list(Verdict)
        return max((finding.verdict for finding in self.findings), key=order.index, default=Verdict.OK)

    def document(self) -> Mapping[str, object]:
        """Write it JSON-ready."""
        return {"verdict": self.verdict, **asdict(self)}


def ok(area: str, text: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(area=area, verdict=Verdict.OK, text=text)


def warning(area: str, text: str, remedy: str) -> Finding:
    """Say that someone should look at something."""
    return Finding(area=area, verdict=Verdict.WARNING, text=text, remedy=remedy)


def bad(area: str, text: str, remedy: str) -> Finding:
    """Say that something is wrong now."""
    return Finding(area=area, verdict=Verdict.BAD, text=text, remedy=remedy)
