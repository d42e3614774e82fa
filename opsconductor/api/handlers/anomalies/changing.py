"""Handlers that change anomalies, and try rules."""

from aiohttp import web

from opsconductor.api.handlers.anomalies.reading import found
from opsconductor.api.handlers.anomalies.views import TriedRuleView, view_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.model.measured.anomaly import AnomalyStatus
from opsconductor.store.anomalies.judging import Judgement, assign, judge, set_status


async def acknowledge(call: Call) -> web.Response:
    """Acknowledge an anomaly."""
    return await _set(call, AnomalyStatus.ACKNOWLEDGED)


async def resolve(call: Call) -> web.Response:
    """Resolve an anomaly; its alert is cleared."""
    return await _set(call, AnomalyStatus.RESOLVED)


async def assign_to(call: Call) -> web.Response:
    """Assign an anomaly."""
    row = await found(call)
    await call.parts.database.ask(assign, row, call.body.assigned_to, call.author)
    return answer(view_of(await found(call)))


async def give_feedback(call: Call) -> web.Response:
    """Store feedback on an anomaly, and have the detector learn from it."""
    row, body = await found(call), call.body
    judgement = Judgement(
        is_true=body.is_true_positive,
        notes=body.notes,
        device_type=call.parts.anomalies.device_type(row["device_key"]),
    )
    await call.parts.database.ask(judge, row, judgement, call.author)
    await call.parts.anomalies.judge(row, is_true=body.is_true_positive)
    return answer(view_of(await found(call)))


async def try_rule(call: Call) -> web.Response:
    """Evaluate a rule that is not saved over stored points."""
    try:
        tried = await call.parts.anomalies.try_rule(call.body.rule.model_dump(mode="json"), call.body.hours)
    except ValueError as error:
        raise refused_for([{"name": "rule", "found": "a rule", "expected": str(error)}]) from error
    return answer(TriedRuleView.model_validate(tried))


async def _set(call: Call, status: AnomalyStatus) -> web.Response:
    row = await found(call)
    if row["status"] != status:
        if row["status"] in (AnomalyStatus.RESOLVED, AnomalyStatus.FALSE_POSITIVE):
            message = f"the anomaly is {row['status'].replace('_', ' ')} already"
            raise refusal(web.HTTPConflict, "conflict", message)
        await call.parts.database.ask(set_status, row, status, call.author, call.body.notes)
    return answer(view_of(await found(call)))
