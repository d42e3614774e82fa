"""Bodies and parameters of requests about datasets."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from opsconductor.api.http.parameters import NO_COMMA, NO_NUL, SOME_TEXT, Id, Number, Parameters, Time
from opsconductor.store.datasets.records import AnalysisConfig

DatasetName = Annotated[str, Field(max_length=100), SOME_TEXT]
DatasetTags = Annotated[
    tuple[Annotated[str, Field(max_length=50), NO_COMMA], ...],
    Field(max_length=20),
]
ColumnPatterns = Annotated[
    tuple[Annotated[str, Field(max_length=200), SOME_TEXT], ...], Field(max_length=200)
]
LARGEST_OFFSET = 2**40
DAYS_OF_SECONDS = 2**33


class DatasetBody(Parameters):
    """A new dataset."""

    name: DatasetName
    description: Annotated[str, NO_NUL] = Field("", max_length=4_000)
    tags: DatasetTags = ()
    is_shared: bool = Field(default=False, strict=True, description="Shown to everyone.")


class DatasetChanges(Parameters):
    """Changes of a dataset; what is missing stays."""

    name: DatasetName | None = None
    description: Annotated[str, Field(max_length=4_000), NO_NUL] | None = None
    tags: DatasetTags | None = None
    is_shared: Annotated[bool, Field(strict=True)] | None = None


class DatasetListParameters(Parameters):
    """Which datasets."""

    search: Annotated[str, NO_NUL] = Field(
        "", max_length=100, description="In name or description, or a tag."
    )
    page: Number = Field(1, ge=1, le=10_000)
    per_page: Number = Field(100, ge=1, le=500)


class UploadBody(Parameters):
    """A file that is to be sent."""

    dataset: Id
    filename: Annotated[str, SOME_TEXT] = Field(max_length=255)
    size: int = Field(ge=1, le=LARGEST_OFFSET, strict=True, description="Bytes of the whole file.")


class PartParameters(Parameters):
    """Where a part of a file begins."""

    offset: Number = Field(0, ge=0, le=LARGEST_OFFSET, description="Bytes before it: `received`.")


class BaselineBody(Parameters):
    """The rows to compare with: exactly one of these."""

    share: float | None = Field(None, gt=0, lt=1, description="The first share of the rows: 0.5.")
    rows: int | None = Field(None, ge=1, le=2**31, description="So many rows.")
    until: Time | None = Field(None, description="The rows before this time.")
    files: int | None = Field(None, ge=1, le=10_000, description="The rows of the first files.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("exactly one of share, rows, until, files")
        return self

    @property
    def chosen(self) -> tuple[str, float]:
        """Return kind and value."""
        if self.until is not None:
            return "until", self.until.timestamp()
        kind = "share" if self.share is not None else "rows" if self.rows is not None else "files"
        return kind, float(getattr(self, kind))


Rate = Annotated[float, Field(gt=0, le=0.5)]
Limit = Annotated[float, Field(gt=0, le=1e12)]


class AnalysisSettingsBody(Parameters):
    """Settings of an analysis."""

    baseline: BaselineBody = BaselineBody(share=0.5)
    explained_variance: float = Field(
        0.95, gt=0, le=1, description="Share of the variance that the principal components keep."
    )
    false_alarm_rate: Rate = Field(0.01, description="Share of ordinary rows that may be called anomalous.")
    warning_rate: Rate = Field(0.05, description="The same of warnings, anomalous rows included.")
    t2_limit: Limit | None = Field(None, description="In place of the quantile of the baseline.")
    spe_limit: Limit | None = Field(None, description="In place of the quantile of the baseline.")
    features: ColumnPatterns = Field((), description="Columns to compare, `*` for any text; default: all.")
    excluded: ColumnPatterns = Field((), description="Columns to leave out.")

    @model_validator(mode="after")
    def _warned_first(self) -> Self:
        if self.warning_rate < self.false_alarm_rate:
            raise ValueError("warning_rate at least as large as false_alarm_rate")
        return self

    @property
    def config(self) -> AnalysisConfig:
        """Return the settings as they are stored."""
        kind, value = self.baseline.chosen
        return AnalysisConfig(
            baseline_kind=kind,
            baseline_value=value,
            explained_variance=self.explained_variance,
            false_alarm_rate=self.false_alarm_rate,
            warning_rate=self.warning_rate,
            t2_limit=self.t2_limit,
            spe_limit=self.spe_limit,
            features=self.features,
            excluded=self.excluded,
        )


class AnalysisBody(AnalysisSettingsBody):
    """An analysis of a dataset."""

    dataset: Id


class AnalysisListParameters(Parameters):
    """Which analyses."""

    dataset: Id | None = Field(None, description="Of this dataset.")


class AnalysisRowParameters(Parameters):
    """Which rows of an analysis, and how."""

    level: Literal["anomalous", "warning", "all"] = Field(
        "anomalous", description="`warning`: these too; `all`: every row, as CSV only."
    )
    format: Literal["json", "csv"] = "json"
    page: Number = Field(1, ge=1, le=10_000)
    per_page: Number = Field(100, ge=1, le=1_000)


class PictureParameters(Parameters):
    """Format of a picture."""

    format: Literal["json", "svg", "png"] = "json"
