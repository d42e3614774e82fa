"""Versions of the detector: which hyperparameters are in production, and which were."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from opsconductor.detect.config import DetectorConfig
from opsconductor.store.access.audit import Author
from opsconductor.store.anomalies.models import (
    NewModel,
    known_model,
    list_models,
    production_model,
    promote,
    register,
)
from opsconductor.store.postgres.connection import Pool

ALGORITHM: Final = "seasonal-tails"
FOLDER: Final = "models"
ZONE: Final = "zone"
"""A setting, not a hyperparameter."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorVersions:
    """The versions, and the files with their hyperparameters."""

    pool: Pool
    data_dir: Path

    async def put_in_production(self, wanted: DetectorConfig) -> None:
        """Have the hyperparameters of this program in production; those of another release are deprecated.

        Args:
            wanted: Those of this program, with the settings. They are registered if new.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        hyperparameters = {name: value for name, value in asdict(wanted).items() if name != ZONE}
        known = await known_model(self.pool, ALGORITHM, hyperparameters)
        found = known["id"] if known else await self._register(hyperparameters)
        present = await production_model(self.pool)
        if present is None or present["id"] != found:
            promoted = await promote(self.pool, found, Author(name="opsconductor", address=None))
            before = f"; version {promoted.before} is deprecated" if promoted.before else ""
            reason = f"it has the hyperparameters of this release{before}"
            facts = {"version": promoted.version, "reason": reason}
            log.info("a version of the detector is in production now", extra=facts)

    async def list(self) -> Sequence[Mapping[str, Any]]:
        """Return the versions, the latest first."""
        return await list_models(self.pool)

    async def _register(self, hyperparameters: Mapping[str, object]) -> UUID:
        content = json.dumps({"algorithm": ALGORITHM, **hyperparameters}, sort_keys=True, indent=1).encode()
        digest = sha256(content).hexdigest()
        path = f"{FOLDER}/{ALGORITHM}-{digest[:12]}.json"
        await asyncio.to_thread(self._write, path, content)
        model = NewModel(
            algorithm=ALGORITHM,
            hyperparameters=hyperparameters,
            artifact_path=path,
            artifact_sha256=digest,
            metrics={},
            training_data_info={"learns": "online, from each series"},
        )
        return await register(self.pool, model)

    def _write(self, path: str, content: bytes) -> None:
        file = self.data_dir / path
        file.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = file.with_suffix(".new")
        temporary.write_bytes(content)
        temporary.replace(file)
