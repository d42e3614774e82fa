"""Evaluations of versions of the detector: one after another, each in a process of its own."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from opsconductor.app.analysing.process import run_worker
from opsconductor.app.database_wait import DatabaseWait
from opsconductor.app.detecting.versions.models import FOLDER, config_of
from opsconductor.app.detecting.versions.trial_points import TrialData, TrialSpan, span_of, write_trial
from opsconductor.errors import ModelConflict, StoreUnavailable
from opsconductor.guard import guarded
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.access.audit import Author
from opsconductor.store.anomalies.models import (
    begin_evaluation,
    end_evaluation,
    fail_evaluations,
    labels_since,
    production_model,
)
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

WORKER: Final = (sys.executable, "-m", "opsconductor.app.detecting.versions.trial_worker")
FILE: Final = "trial.npz"
READING: Final = 0.1
"""Share of the progress that reading the points is taken as."""
RETRY_S: Final = 1.0
READY_WITHIN_S: Final = 10.0
INTERRUPTED: Final = "the daemon ended before the evaluation did: evaluate it again"
FAULT: Final = "an error of the daemon, whose log has more"
Row = Mapping[str, Any]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvaluation:
    """An evaluation to do.

    Attributes:
        days: The last days whose points are replayed.
        seed: Of the series that are chosen and of what is planted.
    """

    model: Row
    days: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationProgress:
    """How far an evaluation is."""

    model: UUID
    version: int
    share: float = 0.0
    step: str = "waits"

    def document(self) -> dict[str, object]:
        """Return it JSON-ready."""
        return {"share": round(self.share, 3), "step": self.step}


@dataclass(slots=True, kw_only=True)
class ModelEvaluations:
    """Does evaluations; one at a time, none survives a restart.

    Attributes:
        zone: Time zone of the settings.
        worker: Command of the process.
    """

    pool: Pool
    series: SeriesStore
    data_dir: Path
    zone: str
    worker: Sequence[str] = WORKER
    _wanted: asyncio.Queue[WantedEvaluation] = field(default_factory=asyncio.Queue)
    _progress: EvaluationProgress | None = None
    _is_ready: asyncio.Event = field(default_factory=asyncio.Event)

    def progress_of(self, model_id: UUID) -> Mapping[str, object] | None:
        """Return how far the evaluation of a version is; None: it is not being evaluated."""
        running = self._progress
        return running.document() if running is not None and running.model == model_id else None

    async def start(self, wanted: WantedEvaluation, by: Author) -> None:
        """Queue the evaluation of a version, once those of an earlier run of the daemon are ended.

        Raises:
            ModelConflict: Another evaluation runs, or the version is in production.
            StoreUnavailable: The database is away, also since the start.
        """
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._is_ready.wait()
        except TimeoutError:
            raise StoreUnavailable("evaluations of an earlier run could not be ended yet") from None
        model = wanted.model
        if self._progress is not None:
            raise ModelConflict(f"version {self._progress.version} is being evaluated: wait for its end")
        if model["status"] == "production":
            raise ModelConflict(
                f"version {model['version']} is in production: it is evaluated beside each other version"
            )
        self._progress = EvaluationProgress(model=model["id"], version=model["version"])
        begun = False
        try:
            details = {"days": wanted.days, "seed": wanted.seed}
            begun = await begin_evaluation(self.pool, model["id"], by, details)
        finally:
            if not begun:
                self._progress = None
        if not begun:
            raise ModelConflict(f"the status of version {model['version']} has changed: look again")
        self._wanted.put_nowait(wanted)

    async def run(self) -> None:
        """Do evaluations until cancelled; those that an earlier run has not ended have failed."""
        interrupted = await self._insist(lambda: fail_evaluations(self.pool, None, INTERRUPTED))
        if interrupted:
            log.warning("evaluations of the detector were interrupted", extra={"versions": interrupted})
        await asyncio.to_thread(self._file.unlink, missing_ok=True)
        self._is_ready.set()
        while True:
            wanted = await self._wanted.get()
            with guarded() as attempt:
                await self._do(wanted)
            if attempt.error is not None:
                log.error("the evaluation of a version of the detector failed", exc_info=attempt.error)
                await self._fail(wanted, FAULT)
            self._progress = None

    async def _do(self, wanted: WantedEvaluation) -> None:
        model = wanted.model
        production = await self._insist(lambda: production_model(self.pool))
        span = span_of(datetime.now(UTC), wanted.days)
        try:
            answer, data = await self._answer(wanted, production or model, span)
        finally:
            await asyncio.to_thread(self._file.unlink, missing_ok=True)
        if "failed" in answer:
            await self._fail(wanted, answer["failed"])
            return
        done, beside = answer["done"], production or model
        other = {"id": str(beside["id"]), "version": beside["version"], **done["production"]}
        metrics = {**done["candidate"], "production": other}
        replay = {
            "days": wanted.days,
            "seed": wanted.seed,
            "planted": done["planted"],
            "series": len(data.series),
            "of_series": data.of_series,
            "points": data.points,
            "from": span.start.isoformat(),
            "judged_from": span.judged_from.isoformat(),
            "until": span.end.isoformat(),
        }
        await self._insist(lambda: end_evaluation(self.pool, model["id"], metrics, {"replay": replay}))
        figures = {"f1": metrics["f1"], "f1_of_production": other["f1"]}
        log.info("a version of the detector was evaluated", extra={"version": model["version"], **figures})

    async def _answer(
        self, wanted: WantedEvaluation, production: Row, span: TrialSpan
    ) -> tuple[Mapping[str, Any], TrialData]:
        """Read the points and run the process; return what it says, and what it worked on."""
        self._note(0.0, "reading points")
        labelled = await self._insist(lambda: labels_since(self.pool, span.judged_from))
        data = await write_trial(
            self.series,
            labelled,
            span,
            wanted.seed,
            self._file,
            lambda share: self._note(share * READING, "reading points"),
        )
        if not data.points:
            return {"failed": f"there are no points of the last {wanted.days} days"}, data

        async def note(share: float, step: str) -> None:
            self._note(READING + (1 - READING) * share, step)

        request = {
            "points": str(self._file.absolute()),
            "labels": data.labels,
            "judged_from": span.judged_from.timestamp(),
            "seed": wanted.seed,
            "candidate": asdict(config_of(wanted.model["hyperparameters"], self.zone)),
            "production": asdict(config_of(production["hyperparameters"], self.zone)),
        }
        return await run_worker(request, note, self.worker), data

    @property
    def _file(self) -> Path:
        return self.data_dir / FOLDER / FILE

    def _note(self, share: float, step: str) -> None:
        if self._progress is not None:
            self._progress = replace(self._progress, share=share, step=step)

    async def _fail(self, wanted: WantedEvaluation, why: str) -> None:
        await self._insist(lambda: fail_evaluations(self.pool, wanted.model["id"], why))
        log.warning(
            "a version of the detector could not be evaluated",
            extra={"version": wanted.model["version"], "reason": why},
        )

    async def _insist(self, act: Callable[[], Awaitable[Found]]) -> Found:
        wait = DatabaseWait(log, "evaluations wait for the database", "evaluations continue")
        return await wait.insist(act, RETRY_S)
