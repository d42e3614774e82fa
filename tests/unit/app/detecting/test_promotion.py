"""Which version of the detector may be put into production."""

from typing import Any
from uuid import UUID

import pytest

from opsconductor.app.detecting.versions.promotion import check_promotion
from opsconductor.errors import ModelConflict

OLD, NEW = UUID(int=1), UUID(int=2)
PRODUCTION: dict[str, Any] = {"id": OLD, "version": 1, "status": "production"}


def candidate(f1: float | None, other: float | None, **changes: object) -> dict[str, Any]:
    """Return a version that was evaluated beside the one in production."""
    figures = {"precision": 0.5, "recall": 0.5, "auc": 0.9}
    beside = {"id": str(OLD), "version": 1, "f1": other, **figures}
    metrics = {"f1": f1, **figures, "production": beside}
    row = {"id": NEW, "version": 2, "status": "registered", "metrics": metrics, "training_data_info": {}}
    return {**row, **changes}


def test_only_a_higher_f1_is_better() -> None:
    """An equal figure is not better; the answer and the refusal have the figures of both."""
    found = check_promotion(candidate(0.8, 0.7), PRODUCTION)
    assert found["figures"] == {"f1": 0.8, "precision": 0.5, "recall": 0.5, "auc": 0.9}
    assert check_promotion(candidate(0.1, None), PRODUCTION)
    for own in (0.7, 0.6, None):
        with pytest.raises(ModelConflict, match="version 2 is not better on replay") as refused:
            check_promotion(candidate(own, 0.7), PRODUCTION)
        assert refused.value.facts["version 1, in production"].startswith("f1 0.700, precision 0.500")
        assert "version 1, in production: f1 0.700" in str(refused.value)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (candidate(0.9, 0.1, metrics={}), "was never evaluated: evaluate it first"),
        (
            candidate(0.9, 0.1, metrics={}, training_data_info={"failed": "no points"}),
            r"was never evaluated: its evaluation failed \(no points\)",
        ),
        (candidate(0.9, 0.1, status="evaluating"), "version 2 is evaluating, only a registered one"),
        (candidate(0.9, 0.1, status="deprecated"), "can be promoted: evaluate it first"),
        (
            candidate(0.9, 0.1, metrics={"f1": 0.9, "production": {"id": str(UUID(int=9)), "version": 9}}),
            "beside version 9, and version 1 is in production now",
        ),
        (candidate(0.9, 0.1, id=OLD), "is in production already"),
    ],
)
def test_a_version_not_compared_with_production_is_refused(row: dict[str, Any], message: str) -> None:
    """Never evaluated, under way, retired, compared with another, or in production already."""
    with pytest.raises(ModelConflict, match=message):
        check_promotion(row, PRODUCTION)
