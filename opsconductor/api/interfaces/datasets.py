"""Interface through which the API uses datasets: their files and their jobs."""

from typing import Protocol
from uuid import UUID

from opsconductor.config.sections.dataset import DatasetSettings
from opsconductor.datasets.files import DatasetFiles


class LiveDatasets(Protocol):
    """The files of datasets, and the jobs that read and analyse them."""

    @property
    def files(self) -> DatasetFiles:
        """The files."""

    @property
    def settings(self) -> DatasetSettings:
        """Limits of uploads."""

    def begin_writing(self, upload_id: UUID, /) -> bool:
        """Reserve a file for writing; return False if another request writes it."""

    def end_writing(self, upload_id: UUID, /) -> None:
        """Release a file."""

    def wake(self) -> None:
        """Wake the worker: jobs were queued."""

    async def cancel(self, analysis_id: UUID, /) -> bool:
        """End the job of an analysis; return False if it has ended. Raises StoreUnavailable."""

    async def delete(self, dataset_id: UUID, /) -> None:
        """End the jobs of a dataset and delete its rows and files. Raises StoreUnavailable."""

    async def tidy(self) -> None:
        """Delete files to which nothing refers any more. Raises StoreUnavailable."""
