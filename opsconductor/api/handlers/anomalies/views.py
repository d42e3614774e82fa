"""Parameters and answers about anomalies."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from opsconductor.api.http.alert_parameters import YesOrNo
from opsconductor.api.http.parameters import (
    LONGEST_NOTES,
    NO_NUL,
    Id,
    Name,
    Number,
    Parameters,
    Text,
    Time,
)
from opsconductor.api.views import View
from opsconductor.config.provision.declared.alert_rule import DeclaredAlertRule
from opsconductor.model.measured.anomaly import AnomalySeverity, AnomalyStatus

MOST_LISTED = 500
MOST_HOURS = 24 * 31
OF_NO_DATASET: Mapping[str, None] = {"dataset_id": None, "dataset_name": None}


class AnomalyParameters(Parameters):
    """Filter of anomalies."""

    status: AnomalyStatus | None = Field(None, description="Default: any.")
    severity: AnomalySeverity | None = Field(None, description="Default: any.")
    device: Text = Field("", description="Name or key of a device.")
    site: Text = Field("", description="Site of the device when the anomaly began.")
    metric: Text = ""
    search: Text = Field("", description="Text that occurs in title, device, metric or resource.")
    algorithm: Name = Field(
        "",
        description="`threshold`, `expression`, `baseline`, `detector`, `device_test`, `t2_spe` (datasets).",
    )
    source: Literal["series", "dataset"] | None = Field(None, description="Where it was found. Default: any.")
    analysis: Id | None = Field(None, description="Of this analysis of a dataset.")
    admitted: YesOrNo = Field(None, description="It became an alert; `false`: it was held back.")
    open: YesOrNo = Field(None, description="It is ongoing.")
    since: Time | None = Field(None, description="Begun since then.")
    until: Time | None = Field(None, description="Begun before then.")
    members: YesOrNo = Field(None, description="Also those that are part of another one.")


class AnomalyListParameters(AnomalyParameters):
    """The same with pages."""

    limit: Number = Field(100, ge=1, le=MOST_LISTED)
    cursor: Text = Field("", description="`meta.next` of the page before.")


class AnomalyExportParameters(AnomalyParameters):
    """Parameters of a list of anomalies, and a format."""

    format: Literal["csv", "jsonl"] = "csv"


class DigestParameters(Parameters):
    """Which time to sum up."""

    hours: Number = Field(24, ge=1, le=MOST_HOURS)


class AnomalyRemark(Parameters):
    """A remark for the audit log."""

    notes: Annotated[str, Field(max_length=LONGEST_NOTES), NO_NUL] = ""


class AnomalyAssignBody(Parameters):
    """Assignee of an anomaly."""

    assigned_to: Annotated[str, Field(max_length=100), NO_NUL] = Field(description="Empty: no one.")


class FeedbackBody(AnomalyRemark):
    """Feedback on an anomaly."""

    is_true_positive: bool = Field(description="False: it was a false alarm.")


class TryRuleBody(Parameters):
    """A rule that is not saved, and how far back to look."""

    rule: DeclaredAlertRule
    hours: Annotated[int, Field(ge=1, le=14 * 24)] = 24


class AnomalyView(View):
    """An anomaly."""

    id: UUID
    detected_at: AwareDatetime = Field(description="Time of the value with which it began.")
    ended_at: AwareDatetime | None = Field(description="Null: it is ongoing.")
    status: AnomalyStatus
    severity: AnomalySeverity
    title: str
    device_key: str
    device_name: str
    site: str
    metric: str
    resource: str
    unit: str
    series_id: int | None = Field(description="Null: an expression, a whole device, or rows of a dataset.")
    analysis_id: UUID | None = Field(description="The analysis of a dataset that found it.")
    dataset_id: UUID | None
    dataset_name: str | None
    anomaly_type: str = Field(description="Type of its alert.")
    category: str
    algorithm_used: str
    rule_name: str | None = Field(description="The rule that found it.")
    channel: str = Field(description="In what the value is out of the ordinary.")
    direction: str
    value: float | None
    expected: float | None
    threshold: float | None = Field(description="The limit that was reached.")
    distance: float | None
    score: float | None = Field(description="Share of ordinary values that are less unusual.")
    confidence: float | None = Field(description="How well the series is known, 0 to 1.")
    is_admitted: bool = Field(description="It became an alert; false: it is in the digest.")
    admission: str = Field(description="Why.")
    group_id: UUID | None = Field(description="The anomaly whose alert it is part of.")
    members: int
    alert_id: UUID | None
    assigned_to: str | None
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None
    is_false_positive: bool | None = Field(description="Latest feedback; null: none.")


class JudgementView(View):
    """Feedback of a person."""

    user_name: str
    is_true_positive: bool
    notes: str
    at: AwareDatetime


class PlotView(View):
    """Points around an anomaly; lists of one length."""

    times: list[float] = Field(description="Seconds since 1970.")
    values: list[float]
    lowest: list[float]
    highest: list[float]


class AnomalyDetail(AnomalyView):
    """An anomaly with what explains it."""

    explanation: dict[str, Any] = Field(description="`sentences`, and the facts that they are made of.")
    rule_violations: list[str]
    calculated_metrics: dict[str, Any]
    feedback: list[JudgementView]
    points: PlotView = Field(
        description="Of the series; of a whole device, of the metric that contributes most."
    )
    part_of_it: list[AnomalyView] = Field(description="The first 500 of its members.")
    last_similar: UUID | None = Field(description="The last anomaly of the same kind before it.")


class HeldBackView(View):
    """Anomalies that were held back for one reason."""

    admission: str
    metric: str
    amount: int
    devices: int
    last_at: AwareDatetime


class ProposalView(View):
    """A rule that would hold back what people called false: create it with `POST /alert-rules`."""

    device_type: str
    metric: str
    judged: int = Field(description="Number of anomalies that were judged false.")
    devices: int
    rule: dict[str, Any]


class DigestView(View):
    """What was found, and what was held back."""

    since: AwareDatetime
    total: int
    admitted: int
    open: int
    false_positives: int
    true_positives: int
    held_back: list[HeldBackView]
    proposals: list[ProposalView]


class ViolationView(View):
    """What a rule would have found."""

    device: str
    metric: str
    resource: str
    level: str
    value: float
    at: AwareDatetime
    ended_at: AwareDatetime | None


class TriedRuleView(View):
    """What a rule would have found in stored points."""

    series: int = Field(description="Number of series that it is about.")
    points: int
    total: int
    violations: list[ViolationView] = Field(description="The first 500.")


def view_of(row: Mapping[str, Any]) -> AnomalyView:
    """Return a row as a view."""
    return AnomalyView.model_validate({**OF_NO_DATASET, **row, "title": title_of(row)})


def title_of(row: Mapping[str, Any]) -> str:
    """Return the title of an anomaly."""
    return str(row["explanation"].get("title", row["anomaly_type"]))
