"""Rows of datasets, files, analyses and jobs, and who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from opsconductor.store.access.keys import Principal
from opsconductor.store.access.local_token import KEY_NAME

ADMINISTERS = "users:write"
"""Who has this permission sees the datasets of all, and may delete them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetViewer:
    """Who asks for datasets.

    Attributes:
        user_id: Owner of what is created, or else the key; neither: the administrators.
        sees_all: Also the datasets of others that are not shared.
    """

    name: str
    user_id: UUID | None
    key_id: UUID | None
    sees_all: bool

    @property
    def ids(self) -> tuple[UUID | None, UUID | None, bool]:
        """Return the first three parameters of every query."""
        return self.user_id, self.key_id, self.sees_all


def viewer_of(caller: Principal) -> DatasetViewer:
    """Return who asks; a key acts for itself, as with saved views.

    The local key is made anew at times: what it creates has no owner and belongs to the administrators.
    """
    if caller.name == KEY_NAME:
        return DatasetViewer(name=caller.name, user_id=None, key_id=None, sees_all=True)
    return DatasetViewer(
        name=caller.name,
        user_id=None if caller.key_id is not None else caller.user_id,
        key_id=caller.key_id,
        sees_all=ADMINISTERS in caller.permissions,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """A dataset.

    Attributes:
        is_own: The caller may change and delete it.
        rows: Of its matrix; None: nothing is read yet.
        bytes: Of its uploaded files.
        metadata: `faults`, `fault_total`, `remarks` of the latest reading.
        job: The latest reading: `status`, `progress`, `step`, `error_message`; None: there was none.
    """

    id: UUID
    name: str
    description: str
    tags: Sequence[str]
    is_shared: bool
    is_own: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    last_analysis_at: datetime | None
    metadata: Mapping[str, Any]
    rows: int | None
    columns: Sequence[Mapping[str, Any]] | None
    files: int
    bytes: int
    analyses: int
    job: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUpload:
    """An uploaded file.

    Attributes:
        received: Bytes that have arrived.
        file_path: Its name in the folder of datasets.
    """

    id: UUID
    dataset_id: UUID
    position: int
    original_filename: str
    file_size: int
    received: int
    file_path: str
    status: str
    error_message: str | None
    created_at: datetime
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """Settings of an analysis as they are stored; see `analysis_configs`."""

    baseline_kind: str
    baseline_value: float
    explained_variance: float
    false_alarm_rate: float
    warning_rate: float
    t2_limit: float | None
    spe_limit: float | None
    features: tuple[str, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRecord:
    """An analysis.

    Attributes:
        is_own: The caller may cancel and delete it.
        config: As `AnalysisConfig`, JSON-ready.
        results: Counts, limits, leading features; None: it is not completed.
        results_path: Folder with the distances of all rows; None: there is none, or it is archived.
    """

    id: UUID
    dataset_id: UUID
    dataset: str
    rerun_of: UUID | None
    is_own: bool
    status: str
    progress: float
    step: str
    config: Mapping[str, Any]
    results: Mapping[str, Any] | None
    results_path: str | None
    error_message: str | None
    created_by: str
    created_at: datetime
    completed_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJob:
    """A job that was taken.

    Attributes:
        file_path: Folder that it writes.
        attempts: How often it was begun, this time included.
    """

    id: UUID
    kind: str
    dataset_id: UUID
    analysis_id: UUID | None
    file_path: str
    attempts: int
