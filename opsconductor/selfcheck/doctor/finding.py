"""Findings, and the report that holds them; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from opsconductor.selfcheck.doctor.pages import LedgerPages
from opsconductor.store.retention.kept import KeptData


class FindingVerdict(StrEnum):
    """Verdict of a finding, from good to bad."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFinding:
    """One finding.

    Attributes:
        area: `daemon`, `database`, `spool`, `ledger`, ...
        text: The fact, in one line.
        remedy: Remedy; empty if none is needed.
    """

    area: str
    verdict: FindingVerdict
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
class DoctorReport:
    """All findings, in the order in which they are shown.

    Attributes:
        retention: What is kept of every kind of data; empty: it could not be read.
    """

    at: datetime
    findings: Sequence[DoctorFinding]
    ledger: LedgerPages | None = None
    samples: Sequence[SampleOfBytes] = field(default_factory=tuple)
    retention: Sequence[KeptData] = ()

    @property
    def verdict(self) -> FindingVerdict:
        """The worst verdict of all findings."""
        order = list(FindingVerdict)
        return max((finding.verdict for finding in self.findings), key=order.index, default=FindingVerdict.OK)

    def document(self) -> Mapping[str, object]:
        """Return the report JSON-ready."""
        return {"verdict": self.verdict, **asdict(self)}


def ok(area: str, text: str) -> DoctorFinding:
    """Return the finding that something is in order."""
    return DoctorFinding(area=area, verdict=FindingVerdict.OK, text=text)


def warning(area: str, text: str, remedy: str) -> DoctorFinding:
    """Return the finding that something needs attention."""
    return DoctorFinding(area=area, verdict=FindingVerdict.WARNING, text=text, remedy=remedy)


def bad(area: str, text: str, remedy: str) -> DoctorFinding:
    """Return the finding that something is wrong now."""
    return DoctorFinding(area=area, verdict=FindingVerdict.BAD, text=text, remedy=remedy)
