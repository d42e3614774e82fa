"""Jobs that read and analyse datasets: taken one after another from the table `batch_jobs`."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from opsconductor.app.analysing.process import WORKER, run_worker
from opsconductor.app.database_wait import DatabaseWait
from opsconductor.config.sections.dataset import DatasetSettings
from opsconductor.config.settings import Settings
from opsconductor.datasets.files import FOLDER, DatasetFiles
from opsconductor.datasets.matrix import INDEX
from opsconductor.datasets.worker import OUTCOME
from opsconductor.errors import StoreError, StoreUnavailable
from opsconductor.guard import guarded
from opsconductor.store.datasets import jobs as store
from opsconductor.store.datasets.analyses import complete_analysis
from opsconductor.store.datasets.datasets import delete_dataset, hidden_datasets, hide_dataset
from opsconductor.store.datasets.records import BatchJob
from opsconductor.store.datasets.uploads import delete_stale_uploads, paths_in_use, uploads_of
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
RETRY_S = 10.0
TIDY_EVERY_S = 3600.0
NOTE_EVERY_S = 0.5
MOST_ATTEMPTS = 5
"""How often a job is begun that never ends, because the daemon ends before."""
FAULT = "an error of the daemon, whose log has more"
READ = frozenset({"received", "ready", "failed"})
"""Statuses of files that have arrived."""

Found = TypeVar("Found")


@dataclass(slots=True)
class DatasetJobs:
    """The queue of jobs, and those that are being done.

    Attributes:
        worker: Command of the process of a job.
    """

    pool: Pool
    files: DatasetFiles
    settings: DatasetSettings
    worker: Sequence[str] = WORKER
    _running: dict[UUID, tuple[BatchJob, asyncio.Task[None]]] = field(default_factory=dict)
    _writing: set[UUID] = field(default_factory=set)
    _queued: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Do jobs until cancelled; those that an earlier run has not ended begin anew."""
        restarted = await self._insist(lambda: store.restart_jobs(self.pool))
        if restarted:
            log.info("jobs of datasets begin anew", extra={"amount": restarted})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_tidy(), name="tidy datasets")
            for _ in range(self.settings.parallel_jobs):
                tasks.create_task(self._work(), name="dataset jobs")

    def begin_writing(self, upload_id: UUID) -> bool:
        """Reserve a file for writing; return False if another request writes it."""
        if upload_id in self._writing:
            return False
        self._writing.add(upload_id)
        return True

    def end_writing(self, upload_id: UUID) -> None:
        """Release a file."""
        self._writing.discard(upload_id)

    def wake(self) -> None:
        """Wake the worker: jobs were queued."""
        self._queued.set()

    async def cancel(self, analysis_id: UUID) -> bool:
        """End the job of an analysis; return False if it has ended."""
        cancelled = await store.cancel_analysis(self.pool, analysis_id)
        await self._end(lambda job: job.id in cancelled)
        return bool(cancelled)

    async def delete(self, dataset_id: UUID) -> None:
        """End the jobs of a dataset and delete its rows and files."""
        await hide_dataset(self.pool, dataset_id)
        await self._end(lambda job: job.dataset_id == dataset_id)
        await delete_dataset(self.pool, dataset_id)
        await self.tidy()

    async def tidy(self) -> None:
        """Delete files to which no row refers, also those of datasets whose deletion was interrupted.

        The folder is listed first: a file is created after its row.
        """
        for dataset_id in await hidden_datasets(self.pool):
            await delete_dataset(self.pool, dataset_id)
        present = await asyncio.to_thread(self.files.names)
        unused = present - await paths_in_use(self.pool)
        await asyncio.to_thread(self.files.remove, unused)

    async def _keep_tidy(self) -> None:
        while True:
            try:
                await delete_stale_uploads(self.pool, datetime.now(UTC) - self.settings.upload_time)
                await self.tidy()
            except (StoreError, OSError) as error:
                log.warning("files of datasets are tidied later", extra={"error": str(error)})
            await asyncio.sleep(TIDY_EVERY_S)

    async def _work(self) -> None:
        while True:
            self._queued.clear()
            taken = await self._insist(lambda: store.take_job(self.pool))
            if taken is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._queued.wait(), LOOK_EVERY_S)
                continue
            task = asyncio.create_task(self._do(taken), name=f"dataset job {taken.id}")
            self._running[taken.id] = (taken, task)
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                del self._running[taken.id]
            with guarded() as doing:
                if not task.cancelled():
                    task.result()
            if doing.error is not None:
                log.error("a job of a dataset failed", exc_info=doing.error)
                await self._insist(partial(store.fail_job, self.pool, taken, FAULT))

    async def _end(self, wanted: Callable[[BatchJob], bool]) -> None:
        """End the processes of jobs that are cancelled, and wait for that."""
        tasks = [task for job, task in self._running.values() if wanted(job)]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _do(self, job: BatchJob) -> None:
        try:
            answer, uploads = await self._answer(job)
        except OSError as error:
            answer, uploads = {"failed": f"the files cannot be used: {error.strerror or error}"}, ()
        failed = answer.get("failed")
        if failed is None:
            failed = await self._insist(lambda: self._store(job, answer["done"], uploads))
        if failed:
            await self._insist(lambda: store.fail_job(self.pool, job, failed))
        await self._insist(self.tidy)

    async def _answer(self, job: BatchJob) -> tuple[Mapping[str, Any], Sequence[UUID]]:
        """Run the process of a job; return what it says, and the files that it has read."""
        if job.attempts > MOST_ATTEMPTS:
            return {"failed": f"it was begun {MOST_ATTEMPTS} times, and the daemon has ended each time"}, ()
        request = await self._insist(lambda: self._request(job))
        if request is None:
            return {"failed": "there is nothing to read: upload a file first"}, ()
        uploads = [UUID(each) for each in request.get("uploads", ())]
        out = await asyncio.to_thread(self.files.new_folder, job.file_path)
        noted_s = 0.0

        async def note(share: float, step: str) -> None:
            nonlocal noted_s
            if time.monotonic() - noted_s >= NOTE_EVERY_S:
                noted_s = time.monotonic()
                with suppress(StoreUnavailable):  # the next one is newer
                    await store.note_progress(self.pool, job.id, share, step)

        given = {"job": job.kind, "out": str(out), "memory_bytes": self.settings.job_memory, **request}
        return await run_worker(given, note, self.worker), uploads

    async def _request(self, job: BatchJob) -> Mapping[str, Any] | None:
        """Return what the process needs beside the folder that it writes; None: there is nothing to do."""
        if job.kind == "read":
            uploads = [each for each in await uploads_of(self.pool, job.dataset_id) if each.status in READ]
            paths = [(each.original_filename, self.files.path_of(each.file_path)) for each in uploads]
            files = [{"name": name, "path": str(path.absolute())} for name, path in paths]
            return {"files": files, "uploads": [str(each.id) for each in uploads]} if files else None
        assert job.analysis_id is not None
        config = await store.config_of(self.pool, job.analysis_id)
        matrix = await store.matrix_path(self.pool, job.dataset_id)
        if config is None or matrix is None:
            return None
        return {"matrix": str(self.files.path_of(matrix).absolute()), "settings": asdict(config)}

    async def _store(self, job: BatchJob, done: Mapping[str, Any], uploads: Sequence[UUID]) -> str:
        """Store what a job has found; return why it cannot be stored, empty: it is stored, or not needed."""
        folder = self.files.path_of(job.file_path)
        try:
            if job.kind == "read":
                index = await asyncio.to_thread(_read_json, folder / INDEX)
                said = {name: done[name] for name in ("faults", "fault_total", "remarks")}
                await store.complete_reading(self.pool, job, index, said, uploads)
            else:
                assert job.analysis_id is not None
                outcome = await asyncio.to_thread(_read_json, folder / OUTCOME)
                await complete_analysis(
                    self.pool, job.id, job.analysis_id, path=job.file_path, outcome=outcome
                )
        except StoreUnavailable:
            raise
        except StoreError as error:
            log.warning("what a job of a dataset found cannot be stored", extra={"error": str(error)})
            return f"the database refuses what was found: {error}"
        return ""

    async def _insist(self, act: Callable[[], Awaitable[Found]]) -> Found:
        """Run a query, repeating it until the database is available."""
        wait = DatabaseWait(log, "jobs of datasets wait for the database", "jobs of datasets continue")
        return await wait.insist(act, RETRY_S)


def dataset_jobs_of(pool: Pool, settings: Settings) -> DatasetJobs:
    """Return the jobs of a daemon, whose files are in its data directory."""
    files = DatasetFiles(folder=settings.data_dir / FOLDER)
    return DatasetJobs(pool=pool, files=files, settings=settings.datasets)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())
