"""Requests of the API about the versions of the detector."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from opsconductor.app.detecting.versions.evaluations import ModelEvaluations, WantedEvaluation
from opsconductor.app.detecting.versions.models import (
    ALGORITHM,
    DetectorVersions,
    config_of,
    hyperparameters_of,
)
from opsconductor.app.detecting.versions.promotion import check_promotion
from opsconductor.detect.config import DetectorConfig
from opsconductor.errors import ModelConflict
from opsconductor.store.access.audit import Author
from opsconductor.store.anomalies.models import (
    get_model,
    known_model,
    list_models,
    production_model,
    promote,
    retire,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorModels:
    """The versions, their evaluations, and the detector that uses one.

    Attributes:
        adopt: Makes the detector continue with other hyperparameters.
    """

    versions: DetectorVersions
    evaluations: ModelEvaluations
    adopt: Callable[[DetectorConfig], Awaitable[None]]

    async def list(self) -> Sequence[Mapping[str, Any]]:
        """Return them, the latest first; `evaluation`: how far the one under way is, else None."""
        return [self._with_progress(row) for row in await list_models(self.versions.pool)]

    async def find(self, model_id: UUID, /) -> Mapping[str, Any] | None:
        """Return one version, or None."""
        row = await get_model(self.versions.pool, model_id)
        return None if row is None else self._with_progress(row)

    async def register(self, hyperparameters: Mapping[str, float], by: Author) -> UUID:
        """Register a new version; what is not given is as in production.

        Raises:
            ModelConflict: There is a version with the same.
            ValueError: They do not go together; the message says why.
        """
        config = config_of({**await self._in_production(), **hyperparameters}, self.evaluations.zone)
        if config.close_days >= config.open_days:
            raise ValueError(
                f"close_days is {config.close_days:g}, open_days {config.open_days:g}: a finding would end "
                "when it begins"
            )
        known = await known_model(self.versions.pool, ALGORITHM, hyperparameters_of(config))
        if known is not None:
            raise ModelConflict(f"version {known['version']}, {known['status']}, has these hyperparameters")
        return await self.versions.add(hyperparameters_of(config), by)

    async def evaluate(self, model_id: UUID, days: int, seed: int, by: Author) -> None:
        """Begin to evaluate a version beside the one in production.

        Raises:
            ModelConflict: Its file is damaged, its status does not allow it, or another is evaluated.
        """
        model = await self.versions.intact(model_id)
        try:
            config_of(model["hyperparameters"], self.evaluations.zone)
        except (TypeError, ValueError) as error:
            raise ModelConflict(f"version {model['version']} cannot be used: {error}") from error
        await self.evaluations.start(WantedEvaluation(model=model, days=days, seed=seed), by)

    async def promote(self, model_id: UUID, by: Author) -> None:
        """Put a version into production that is better, and make the detector use it.

        Raises:
            ModelConflict: It is not better, or its file is damaged.
        """
        model = await self.versions.intact(model_id)
        production = await production_model(self.versions.pool)
        if production is None:
            raise ModelConflict("no version is in production: restart the daemon")
        figures = check_promotion(model, production)
        config = config_of(model["hyperparameters"], self.evaluations.zone)
        await promote(self.versions.pool, model_id, by, instead_of=production["id"], figures=figures)
        await self.adopt(config)

    async def retire(self, model_id: UUID, by: Author) -> None:
        """Deprecate a version.

        Raises:
            ModelConflict: It is in production, or is being evaluated.
        """
        if not await retire(self.versions.pool, model_id, by):
            raise ModelConflict("a version that is in production or is being evaluated cannot be retired")

    def _with_progress(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**row, "evaluation": self.evaluations.progress_of(row["id"])}

    async def _in_production(self) -> Mapping[str, Any]:
        row = await production_model(self.versions.pool)
        return {} if row is None else row["hyperparameters"]
