"""Interface through which the API uses the versions of the detector."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from opsconductor.errors import ModelConflict
from opsconductor.store.access.audit import Author

ABSENT = "there is no detector"


class LiveModels(Protocol):
    """The versions of the detector; all raise StoreUnavailable, those that change one ModelConflict."""

    async def list(self) -> Sequence[Mapping[str, Any]]:
        """Return them, the latest first; `evaluation`: how far the one under way is, else None."""

    async def find(self, model_id: UUID, /) -> Mapping[str, Any] | None:
        """Return one version, or None."""

    async def register(self, hyperparameters: Mapping[str, float], by: Author) -> UUID:
        """Register a new version, what is not given as in production; raises ValueError with the reason."""

    async def evaluate(self, model_id: UUID, days: int, seed: int, by: Author) -> None:
        """Begin to evaluate a version beside the one in production."""

    async def promote(self, model_id: UUID, by: Author) -> None:
        """Put a version into production that is better, and have the detector use it."""

    async def retire(self, model_id: UUID, by: Author) -> None:
        """Deprecate a version that is not in production."""


class NoModels:
    """Default: there is no detector."""

    async def list(self) -> Sequence[Mapping[str, Any]]:
        """Return none."""
        return ()

    async def find(self, model_id: UUID, /) -> Mapping[str, Any] | None:
        """Return None."""
        del model_id
        return None

    async def register(self, hyperparameters: Mapping[str, float], by: Author) -> UUID:
        """Refuse."""
        del hyperparameters, by
        raise ModelConflict(ABSENT)

    async def evaluate(self, model_id: UUID, days: int, seed: int, by: Author) -> None:
        """Refuse."""
        del model_id, days, seed, by
        raise ModelConflict(ABSENT)

    async def promote(self, model_id: UUID, by: Author) -> None:
        """Refuse."""
        del model_id, by
        raise ModelConflict(ABSENT)

    async def retire(self, model_id: UUID, by: Author) -> None:
        """Refuse."""
        del model_id, by
        raise ModelConflict(ABSENT)
