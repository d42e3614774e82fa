"""Analyses: create, list, show, run again, cancel, delete."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from opsconductor.api.handlers.datasets.access import analysis_of, dataset_of, viewer
from opsconductor.api.handlers.datasets.bodies import (
    AnalysisBody,
    AnalysisListParameters,
    AnalysisSettingsBody,
    BaselineBody,
)
from opsconductor.api.handlers.datasets.views import AnalysisView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.store.datasets import analyses as store
from opsconductor.store.datasets.records import AnalysisConfig, AnalysisRecord, DatasetRecord

MOST_WAITING = 20
"""Analyses of one owner that are not completed."""


async def list_analyses(call: Call) -> web.Response:
    """Respond with the analyses that the caller sees."""
    given: AnalysisListParameters = call.query
    found = await call.parts.database.ask(store.list_analyses, viewer(call), given.dataset)
    return answer([AnalysisView.model_validate(each) for each in found])


async def create_analysis(call: Call) -> web.Response:
    """Queue an analysis of a dataset."""
    body: AnalysisBody = call.body
    dataset = await dataset_of(call, body.dataset)
    return await _begin(call, dataset, body.config)


async def show_analysis(call: Call) -> web.Response:
    """Respond with an analysis."""
    return answer(AnalysisView.model_validate(await analysis_of(call)))


async def rerun_analysis(call: Call) -> web.Response:
    """Queue an analysis of the same dataset with other settings; what is missing stays as it was."""
    body: AnalysisSettingsBody = call.body
    former = await analysis_of(call)
    dataset = await dataset_of(call, former.dataset_id)
    settings = {**_settings_of(former), **{name: getattr(body, name) for name in body.model_fields_set}}
    wanted = AnalysisSettingsBody.model_construct(None, **settings)
    if wanted.warning_rate < wanted.false_alarm_rate:
        settings["warning_rate"] = wanted.false_alarm_rate
        wanted = AnalysisSettingsBody.model_construct(None, **settings)
    return await _begin(call, dataset, wanted.config, rerun_of=former.id)


async def cancel_analysis(call: Call) -> web.Response:
    """Cancel an analysis that is not completed."""
    await analysis_of(call, to_change=True)
    if not await call.parts.datasets.cancel(call.id):
        raise refusal(web.HTTPConflict, "conflict", "the analysis has ended")
    await call.record("analysis.cancel", str(call.id), {})
    return answer(AnalysisView.model_validate(await analysis_of(call)))


async def delete_analysis(call: Call) -> web.Response:
    """Delete an analysis; one that is not completed is cancelled first."""
    await analysis_of(call, to_change=True)
    await call.parts.datasets.cancel(call.id)
    await call.parts.database.ask(store.delete_analysis, call.id)
    await call.record("analysis.delete", str(call.id), {})
    await call.parts.datasets.tidy()
    return answer(None)


async def _begin(
    call: Call, dataset: DatasetRecord, config: AnalysisConfig, *, rerun_of: UUID | None = None
) -> web.Response:
    database, who = call.parts.database, viewer(call)
    if dataset.rows is None:
        message = f"no file of the dataset {dataset.name} is read yet: upload one, and wait until it is read"
        raise refusal(web.HTTPConflict, "nothing_read", message)
    if await database.ask(store.waiting_analyses, who) >= MOST_WAITING:
        message = f"{MOST_WAITING} of your analyses are not completed: wait for them, or cancel some"
        raise refusal(web.HTTPConflict, "too_many", message)
    path = call.parts.datasets.files.new_name("result")
    added = await database.ask(store.add_analysis, who, dataset.id, config, path=path, rerun_of=rerun_of)
    call.parts.datasets.wake()
    await call.record("analysis.create", str(added), {"dataset": str(dataset.id)})
    found = await database.ask(store.find_analysis, who, added)
    return answer(AnalysisView.model_validate(found), status=201)


def _settings_of(former: AnalysisRecord) -> dict[str, Any]:
    """Return the settings of an analysis as a body would have them."""
    config = dict(former.config)
    kind, value = config.pop("baseline_kind"), config.pop("baseline_value")
    del config["projection"]
    given: dict[str, Any] = {kind: int(value) if kind in ("rows", "files") else value}
    if kind == "until":
        given = {"until": datetime.fromtimestamp(value, UTC)}
    baseline = BaselineBody.model_construct(None, **given)
    lists = {name: tuple(config[name]) for name in ("features", "excluded")}
    return {**config, **lists, "baseline": baseline}
