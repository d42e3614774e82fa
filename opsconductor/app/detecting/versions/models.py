"""Versions of the detector: which hyperparameters are in production, and which were."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from opsconductor.detect.config import DetectorConfig
from opsconductor.errors import ModelConflict
from opsconductor.store.access.audit import Author
from opsconductor.store.anomalies.models import (
    NewModel,
    get_model,
    known_model,
    production_model,
    promote,
    register,
)
from opsconductor.store.postgres.connection import Pool

ALGORITHM: Final = "seasonal-tails"
FOLDER: Final = "models"
ZONE: Final = "zone"
"""A setting, not a hyperparameter."""
RELEASE: Final = Author(name="opsconductor", address=None)
"""Who promotes the hyperparameters of a release."""

log = logging.getLogger(__name__)


def hyperparameters_of(config: DetectorConfig) -> dict[str, object]:
    """Return the hyperparameters of a configuration, JSON-ready."""
    return {name: value for name, value in asdict(config).items() if name != ZONE}


def config_of(hyperparameters: Mapping[str, Any], zone: str) -> DetectorConfig:
    """Return stored hyperparameters with the time zone of the settings; those that lack have the default.

    Raises:
        ValueError: This release has no such hyperparameter.
    """
    unknown = hyperparameters.keys() - ({each.name for each in fields(DetectorConfig)} - {ZONE})
    if unknown:
        raise ValueError(f"this release has no hyperparameter {', '.join(sorted(unknown))}")
    return DetectorConfig(zone=zone, **{name: float(value) for name, value in hyperparameters.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorVersions:
    """The versions, and the files with their hyperparameters."""

    pool: Pool
    data_dir: Path

    async def put_in_production(self, wanted: DetectorConfig) -> DetectorConfig:
        """Return the hyperparameters in production; those of this program unless a person promoted others.

        Args:
            wanted: Those of this program, with the settings. They are registered if new.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        hyperparameters = hyperparameters_of(wanted)
        known = await known_model(self.pool, ALGORITHM, hyperparameters)
        found = known["id"] if known else await self.add(hyperparameters, None)
        present = await production_model(self.pool)
        if present is None or present["id"] == found:
            if present is None:
                await self._promote(found)
            return wanted
        if present["promoted_by"] == RELEASE.name:
            await self._promote(found)
            return wanted
        try:
            chosen = config_of(present["hyperparameters"], wanted.zone)
        except (TypeError, ValueError) as error:
            log.error(
                "the version in production cannot be used by this release, whose own takes its place",
                extra={"version": present["version"], "reason": str(error)},
            )
            await self._promote(found)
            return wanted
        if known is None:
            log.info(
                "the hyperparameters of this release are registered; what a person promoted stays",
                extra={"production": present["version"], "promoted_by": present["promoted_by"]},
            )
        return chosen

    async def add(self, hyperparameters: Mapping[str, object], by: Author | None) -> UUID:
        """Register hyperparameters as a new version, with their file; return its id.

        Args:
            by: A person; None: they are of this release.
        """
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
        return await register(self.pool, model, by)

    async def intact(self, model_id: UUID) -> Mapping[str, Any]:
        """Return a version whose file is there and unchanged.

        Raises:
            ModelConflict: It is not.
            LookupError: There is no such version.
        """
        row = await get_model(self.pool, model_id)
        if row is None:
            raise LookupError(str(model_id))
        if await asyncio.to_thread(self._digest, row["artifact_path"] or "") != row["artifact_sha256"]:
            raise ModelConflict(
                f"the file of version {row['version']}, {row['artifact_path']} in the data directory, is "
                "missing or was changed: register its hyperparameters in another version"
            )
        return row

    async def _promote(self, found: UUID) -> None:
        promoted = await promote(self.pool, found, RELEASE)
        before = f"; version {promoted.before} is deprecated" if promoted.before else ""
        reason = f"it has the hyperparameters of this release{before}"
        log.info(
            "a version of the detector is in production now",
            extra={"version": promoted.version, "reason": reason},
        )

    def _digest(self, path: str) -> str:
        try:
            return sha256((self.data_dir / path).read_bytes()).hexdigest()
        except OSError:
            return ""

    def _write(self, path: str, content: bytes) -> None:
        file = self.data_dir / path
        file.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = file.with_suffix(".new")
        temporary.write_bytes(content)
        temporary.replace(file)
