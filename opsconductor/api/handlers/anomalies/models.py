"""Versions of the detector: list, register, evaluate, promote and retire them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.api.views import View
from opsconductor.errors import ModelConflict

MODELS = "/api/v1/models"
MODEL = f"{MODELS}/{{id}}"
TAG = "measurements"
LARGEST_SEED = 2**31


class EvaluationProgressView(View):
    """How far the evaluation of a version is."""

    share: float
    step: str


class ModelView(View):
    """A version of the detector."""

    id: UUID
    algorithm: str
    version: int
    machine_type: str | None
    status: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, Any] = Field(
        description="Of the last evaluation, on labelled feedback and on replay; `production`: those of the "
        "version that was in production then, in the same run."
    )
    training_data_info: dict[str, Any] = Field(
        description="`replay`: on what the figures rest, with the seed; `failed`: why there are none."
    )
    artifact_path: str | None
    artifact_sha256: str | None
    created_at: AwareDatetime
    promoted_at: AwareDatetime | None
    promoted_by: str | None
    evaluation: EvaluationProgressView | None = Field(description="Progress; null: none is under way.")


def _bounded(least: float, most: float, what: str) -> Any:
    return Field(None, ge=least, le=most, allow_inf_nan=False, description=what)


class HyperparametersBody(Parameters):
    """Hyperparameters of the detector; what is not given is as in production."""

    block_s: float | None = _bounded(3_600, 86_400, "Length of the blocks whose maxima calibrate the tails.")
    learning_s: float | None = _bounded(43_200, 2_592_000, "No finding before a series is known for as long.")
    open_days: float | None = _bounded(
        2, 1_000_000, "An anomaly begins when a deviation is rarer than once in as many days."
    )
    close_days: float | None = _bounded(0.5, 100_000, "It ends when all are back below once in as many days.")
    close_s: float | None = _bounded(0, 86_400, "... for as many seconds.")
    tail_prior: float | None = _bounded(0.01, 5, "Scale of the tails that is assumed before any was seen.")
    tail_prior_exceedances: float | None = _bounded(0.1, 100, "Exceedances that the assumption counts for.")
    clip: float | None = _bounded(1, 50, "Largest error that a season learns from, in units of its mean.")


class ModelRegisterBody(Parameters):
    """A version to register."""

    hyperparameters: HyperparametersBody


class ModelEvaluateBody(Parameters):
    """How to evaluate a version."""

    days: int = Field(14, ge=7, le=60, description="The last days whose points are replayed.")
    seed: int | None = Field(
        None, ge=0, lt=LARGEST_SEED, description="Seed of the planted deviations; default: random."
    )


async def list_models(call: Call) -> web.Response:
    """Respond with the versions of the detector, the latest first."""
    return answer([ModelView.model_validate(dict(row)) for row in await call.parts.models.list()])


async def get_model(call: Call) -> web.Response:
    """Respond with one version of the detector."""
    return answer(await _model(call, call.id))


async def register_model(call: Call) -> web.Response:
    """Register hyperparameters as a new version."""
    given = call.body.hyperparameters.model_dump(exclude_none=True)
    async with _conflicts():
        try:
            model_id = await call.parts.models.register(given, call.author)
        except ValueError as error:
            fault = {"name": "hyperparameters", "found": str(given), "expected": str(error)}
            raise refused_for([fault]) from error
    return answer(await _model(call, model_id))


async def evaluate_model(call: Call) -> web.Response:
    """Begin to evaluate a version; its progress and figures are read with it."""
    await _model(call, call.id)
    seed = secrets.randbelow(LARGEST_SEED) if call.body.seed is None else call.body.seed
    async with _conflicts():
        await call.parts.models.evaluate(call.id, call.body.days, seed, call.author)
    return answer(await _model(call, call.id), meta={"seed": seed})


async def promote_model(call: Call) -> web.Response:
    """Put a version into production that is better than the one that is."""
    await _model(call, call.id)
    async with _conflicts():
        await call.parts.models.promote(call.id, call.author)
    return answer(await _model(call, call.id))


async def retire_model(call: Call) -> web.Response:
    """Deprecate a version that is not in production."""
    await _model(call, call.id)
    async with _conflicts():
        await call.parts.models.retire(call.id, call.author)
    return answer(await _model(call, call.id))


async def _model(call: Call, model_id: UUID) -> ModelView:
    row = await call.parts.models.find(model_id)
    if row is None:
        raise refusal(web.HTTPNotFound, "not_found", f"there is no version {model_id} of the detector")
    return ModelView.model_validate(dict(row))


@asynccontextmanager
async def _conflicts() -> AsyncIterator[None]:
    """Answer with 409 what a version does not allow."""
    try:
        yield
    except ModelConflict as error:
        facts = [{"name": name, "found": found, "expected": ""} for name, found in error.facts.items()]
        raise refusal(web.HTTPConflict, "conflict", str(error), details=facts) from error


read = partial(Endpoint, method="GET", permission="config:read", tag=TAG)
change = partial(
    Endpoint,
    method="POST",
    permission="config:write",
    records="",
    answers=ModelView,
    refuses=(409,),
    tag=TAG,
)

MODEL_ENDPOINTS: tuple[Endpoint, ...] = (
    read(
        path=MODELS,
        handler=list_models,
        summary="List the versions of the detector",
        answers=list[ModelView],
    ),
    read(
        path=MODEL,
        handler=get_model,
        summary="Read a version of the detector, with the progress of its evaluation",
        answers=ModelView,
    ),
    change(
        path=MODELS,
        handler=register_model,
        summary="Register hyperparameters as a new version of the detector",
        body=ModelRegisterBody,
    ),
    change(
        path=f"{MODEL}/evaluate",
        handler=evaluate_model,
        summary="Begin to evaluate a version on stored points, beside the one in production",
        body=ModelEvaluateBody,
    ),
    change(
        path=f"{MODEL}/promote",
        handler=promote_model,
        summary="Put a version into production; only one whose F1 on replay is higher",
    ),
    change(
        path=f"{MODEL}/retire",
        handler=retire_model,
        summary="Deprecate a version that is not in production",
    ),
)
