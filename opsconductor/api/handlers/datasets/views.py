"""Answers about datasets and analyses."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from opsconductor.api.views import View


class ReadingView(View):
    """State of the job that reads the files of a dataset."""

    status: Literal["waiting", "processing", "completed", "failed", "cancelled"]
    progress: float = Field(description="0 to 1.")
    step: str
    error_message: str | None = Field(description="Why it failed, with file, line and column.")


class DatasetView(View):
    """A dataset in a list."""

    id: UUID
    name: str
    description: str
    tags: list[str]
    is_shared: bool = Field(description="Shown to everyone who may read datasets.")
    is_own: bool = Field(description="The caller may change and delete it.")
    created_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    last_analysis_at: AwareDatetime | None
    rows: int | None = Field(description="Null: nothing is read yet.")
    files: int
    bytes: int
    analyses: int
    job: ReadingView | None = Field(description="The latest reading of its files.")


class DatasetColumnView(View):
    """A column of a dataset."""

    name: str
    kind: Literal["number", "time", "text"]
    is_text: bool = Field(description="It looked like numbers at first, but most cells are none.")
    missing: int = Field(description="Rows without a value.")
    wrong: int = Field(description="Cells that are no numbers.")
    low: float | None
    high: float | None


class DataFaultView(View):
    """A fault of a file."""

    file: str
    line: int = Field(description="From 1; 0: of the whole file.")
    column: str
    found: str
    expected: str


class UploadView(View):
    """A file of a dataset."""

    id: UUID
    dataset_id: UUID
    position: int
    original_filename: str
    file_size: int
    received: int = Field(description="Bytes that have arrived: the `offset` of the next part.")
    status: Literal["receiving", "received", "ready", "failed"]
    error_message: str | None
    created_at: AwareDatetime
    received_at: AwareDatetime | None


class DatasetDetail(DatasetView):
    """A dataset with its columns, files and faults."""

    columns: list[DatasetColumnView]
    uploads: list[UploadView]
    faults: list[DataFaultView] = Field(description="The first 100; such rows and cells are left out.")
    fault_total: int
    remarks: list[str]


class AnalysisSettingsView(View):
    """Settings of an analysis."""

    baseline_kind: Literal["share", "rows", "until", "files"]
    baseline_value: float = Field(description="Of `until`: seconds since 1970.")
    explained_variance: float
    false_alarm_rate: float
    warning_rate: float
    t2_limit: float | None
    spe_limit: float | None
    features: list[str]
    excluded: list[str]
    projection: Literal["pca"]


class AnalysisView(View):
    """An analysis."""

    id: UUID
    dataset_id: UUID
    dataset: str
    rerun_of: UUID | None
    is_own: bool = Field(description="The caller may cancel and delete it.")
    status: Literal["waiting", "running", "completed", "failed", "cancelled"]
    progress: float = Field(description="0 to 1.")
    step: str
    config: AnalysisSettingsView
    results: dict[str, Any] | None = Field(
        description="Number of rows by level, limits, features that explain most rows."
    )
    error_message: str | None
    created_by: str
    created_at: AwareDatetime
    completed_at: AwareDatetime | None
    archived_at: AwareDatetime | None = Field(description="Rows and picture were deleted by retention then.")


class RowFeatureView(View):
    """A feature that explains a row."""

    name: str
    value: float | None
    expected: float | None = Field(description="By the other features of the row.")
    share: float = Field(description="Of the distance, 0 to 1.")
    shift: float = Field(description="Robust standard deviations between both.")


class AnalysisRowView(View):
    """A row that is out of the ordinary."""

    row_number: int = Field(description="In the dataset, from 1.")
    file: str
    line: int
    occurred_at: AwareDatetime | None
    level: Literal["warning", "anomalous"]
    severity: Literal["low", "medium", "high", "critical"] | None
    t2: float
    spe: float
    distance: float = Field(description="In limits: above 1 it is anomalous.")
    statistic: Literal["T2", "SPE"] = Field(description="The one that decides.")
    threshold: float
    features: list[RowFeatureView]


class ProjectionView(View):
    """The picture of an analysis: columns of equal length."""

    title: str
    row: list[int]
    x: list[float]
    y: list[float]
    level: list[Literal["normal", "warning", "anomalous", "unknown"]]
    part: list[Literal["baseline", "monitored"]]
