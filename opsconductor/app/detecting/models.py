"""Versions of the detector: which hyperparameters are in production, and which would be better."""

import asyncio
import json
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
    deprecate,
    known_model,
    list_models,
    production_model,
    promote,
    register,
)
from opsconductor.store.postgres.connection import Pool

ALGORITHM: Final = "seasonal-tails"
FOLDER: Final = "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorVersions:
    """The versions, and the files with their hyperparameters."""

    pool: Pool
    data_dir: Path

    async def open(self, wanted: DetectorConfig) -> DetectorConfig:
        """Return the configuration in production; at the first start that of this program becomes it.

        Args:
            wanted: That of this program, with the settings. It is registered as a version if it is new.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        hyperparameters = asdict(wanted)
        known = await known_model(self.pool, ALGORITHM, hyperparameters)
        found = known["id"] if known else await self._register(hyperparameters)
        present = await production_model(self.pool)
        if present is None:
            await promote(self.pool, found, Author(name="opsconductor", address=None))
            return wanted
        return config_of(present["hyperparameters"], wanted)

    async def list(self) -> Sequence[Mapping[str, Any]]:
        """Return the versions, the latest first."""
        return await list_models(self.pool)

    async def promote(self, model_id: UUID, by: str) -> str:
        """Put a version into production from the next start on; return why not, empty: it is."""
        rows = {row["id"]: row for row in await list_models(self.pool)}
        row = rows[model_id]
        present = next((each for each in rows.values() if each["status"] == "production"), None)
        if reason := why_not(row, present):
            return reason
        if not await asyncio.to_thread(self._is_intact, row):
            return "its file is missing or was changed: the checksum differs"
        await promote(self.pool, model_id, Author(name=by, address=None))
        return ""

    async def deprecate(self, model_id: UUID, by: str) -> str:
        """Deprecate a version; return why not, empty: it is."""
        if await deprecate(self.pool, model_id, Author(name=by, address=None)):
            return ""
        return "it is in production: promote another one first"

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

    def _is_intact(self, row: Mapping[str, Any]) -> bool:
        try:
            content = (self.data_dir / row["artifact_path"]).read_bytes()
        except OSError:
            return False
        return sha256(content).hexdigest() == str(row["artifact_sha256"])


def why_not(row: Mapping[str, Any], present: Mapping[str, Any] | None) -> str:
    """Return why a version may not go into production; empty: it may."""
    if row["status"] == "production":
        return "it is in production already"
    if present is None:
        return ""
    new, old = row["metrics"].get("f1"), present["metrics"].get("f1")
    if new is None or old is None:
        return "it was not compared with the version in production: replay both on the same points first"
    if new <= old:
        return f"it is not better on replay: F1 {new:.3f}, in production {old:.3f}"
    return ""


def config_of(hyperparameters: Mapping[str, Any], otherwise: DetectorConfig) -> DetectorConfig:
    """Return stored hyperparameters as a configuration; those of another program are replaced."""
    try:
        return DetectorConfig(**hyperparameters)
    except TypeError:
        return otherwise
