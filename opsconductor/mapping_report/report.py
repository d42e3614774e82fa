"""The report on the health of mappings, and its form as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from opsconductor.mapping_report.clears import LastingFinding, UnmatchedFinding
from opsconductor.mapping_report.finding import ResourceFinding
from opsconductor.mapping_report.learning import LearnedPair
from opsconductor.mapping_report.missing import UnmappedFinding
from opsconductor.mapping_report.proposal import Proposal
from opsconductor.mapping_report.replayed import ProposalPreview

MOST_DEVICES = 10

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArchive:
    """How much of the raw event archive was read.

    Attributes:
        events: Number of messages.
        unreadable: Further messages that cannot be decoded.
        not_kept: Further messages that the archive has only counted.
        begin: Time of the oldest that was read; None: there is none.
        limited_by: `events` or `time` when older ones of the span were left out; empty: all were read.
    """

    events: int
    unreadable: int
    not_kept: int
    begin: datetime | None
    end: datetime | None
    limited_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingReport:
    """Everything that the report shows, most important first in each list.

    Attributes:
        since: Begin of the span.
        unmatched_total: All clears that ended nothing since then.
        faults: Connectors whose messages could not be read, with the reason.
        without_preview: Proposals for whose preview the time was too short.
    """

    at: datetime
    since: datetime
    took_s: float
    archive: ReadArchive
    unmatched_total: int
    unmatched: Sequence[UnmatchedFinding]
    lasting: Sequence[LastingFinding]
    unmapped: Sequence[UnmappedFinding]
    resources: Sequence[ResourceFinding]
    pairs: Sequence[LearnedPair]
    faults: Mapping[str, str]
    without_preview: int = 0

    @property
    def proposals(self) -> Sequence[Proposal]:
        """All proposals."""
        found = [
            *(each.proposal for each in self.resources),
            *(each.proposal for each in self.pairs),
            *(each.proposal for each in self.unmapped),
        ]
        return [each for each in found if each is not None]

    def document(self) -> Json:
        """Return the report JSON-ready."""
        return {
            "at": self.at.isoformat(),
            "since": self.since.isoformat(),
            "took_s": round(self.took_s, 1),
            "archive": _plain(asdict(self.archive)),
            "faults": dict(self.faults),
            "without_preview": self.without_preview,
            "unmatched_total": self.unmatched_total,
            "unmatched_clears": [_plain(asdict(each)) for each in self.unmatched],
            "never_cleared": [_plain(asdict(each)) for each in self.lasting],
            "unmapped": [_unmapped(each) for each in self.unmapped],
            "over_merged": [_resource(each) for each in self.resources if each.kind.value == "over_merge"],
            "over_split": [_resource(each) for each in self.resources if each.kind.value == "over_split"],
            "learned_pairs": [_pair(each) for each in self.pairs],
        }


def _plain(values: Json) -> Json:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _proposal(proposal: Proposal | None) -> Json | None:
    if proposal is None:
        return None
    return {
        "id": proposal.id,
        "resource_expression": proposal.resource_expression,
        "document": proposal.document,
        "yaml": proposal.text,
    }


def _preview(preview: ProposalPreview | None) -> Json | None:
    return None if preview is None else {**asdict(preview), "text": preview.text}


def _unmapped(each: UnmappedFinding) -> Json:
    return {
        "trap_oid": each.trap_oid,
        "name": each.name,
        "maker": each.maker,
        "enterprise": each.enterprise,
        "count": each.count,
        "devices": each.devices,
        "some_devices": list(each.some_devices),
        "last_at": each.last_at.isoformat(),
        "title": each.title,
        "remedy": each.remedy,
        "confidence": each.confidence,
        "proposal": _proposal(each.proposal),
    }


def _resource(each: ResourceFinding) -> Json:
    return {
        "alert_type": each.alert_type,
        "trap_oids": list(each.trap_oids),
        "devices": len(each.devices),
        "some_devices": list(each.devices[:MOST_DEVICES]),
        "messages": each.messages,
        "alerts": each.alerts,
        "varying": [
            {
                "variable": found.name,
                "values": found.values,
                "examples": list(found.examples),
                "why": found.why,
            }
            for found in each.varying
        ],
        "note": each.note,
        "proposal": _proposal(each.proposal),
        "preview": _preview(each.preview),
    }


def _pair(each: LearnedPair) -> Json:
    names = (
        "problem_oid", "problem", "clear_oid", "clear", "followed", "problems", "clears", "median_s",
        "confidence", "note",
    )  # fmt: skip
    return {
        **{name: getattr(each, name) for name in names},
        "devices": len(each.devices),
        "some_devices": list(each.devices[:MOST_DEVICES]),
        "proposal": _proposal(each.proposal),
        "preview": _preview(each.preview),
    }
