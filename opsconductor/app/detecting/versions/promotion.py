"""The rule by which a version of the detector may be put into production."""

from collections.abc import Mapping
from typing import Any, Final

from opsconductor.errors import ModelConflict

FIGURES: Final = ("f1", "precision", "recall", "auc")
Row = Mapping[str, Any]


def check_promotion(model: Row, production: Row) -> Mapping[str, object]:
    """Return the figures of both; a version is better if its F1 is higher than that of the one in production.

    Both must have been found by one evaluation, on the same points with the same planted deviations.

    Raises:
        ModelConflict: It is not better, was not evaluated beside the present version, or has a status that
            does not allow it.
    """
    version, metrics = model["version"], model["metrics"]
    if model["id"] == production["id"]:
        raise ModelConflict(f"version {version} is in production already")
    if model["status"] != "registered":
        again = ": evaluate it first" if model["status"] == "deprecated" else ""
        raise ModelConflict(
            f"version {version} is {model['status']}, only a registered one can be promoted{again}"
        )
    beside = metrics.get("production")
    if not beside:
        failed = model["training_data_info"].get("failed")
        why = f": its evaluation failed ({failed})" if failed else ": evaluate it first"
        raise ModelConflict(f"version {version} was never evaluated{why}")
    if beside["id"] != str(production["id"]):
        raise ModelConflict(
            f"version {version} was evaluated beside version {beside['version']}, and version "
            f"{production['version']} is in production now: evaluate it again"
        )
    own, other = ({name: each.get(name) for name in FIGURES} for each in (metrics, beside))
    if own["f1"] is None or (other["f1"] is not None and own["f1"] <= other["f1"]):
        theirs = f"version {production['version']}, in production"
        raise ModelConflict(
            f"version {version} is not better on replay: {words_of(own)}; {theirs}: {words_of(other)}",
            {f"version {version}": words_of(own), theirs: words_of(other)},
        )
    return {"figures": own, "figures_before": other}


def words_of(figures: Mapping[str, Any]) -> str:
    """Return figures as text."""
    return ", ".join(
        f"{name} {'unknown' if figures.get(name) is None else format(figures[name], '.3f')}"
        for name in FIGURES
    )
