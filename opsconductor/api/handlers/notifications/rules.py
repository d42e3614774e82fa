"""Notification rules: who would be notified of an alert, now or at another time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from opsconductor.api.handlers.alerts import stored_alert
from opsconductor.api.handlers.notifications.oncall import ON_CALL_ENDPOINTS
from opsconductor.api.handlers.notifications.oncall_files import ON_CALL_FILE_ENDPOINTS
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Time
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.engine.recipients.foreseen import Forecast, ForeseenStep
from opsconductor.engine.recipients.of_rule import RuleRecipients
from opsconductor.errors import AlertNotFound
from opsconductor.model.notifications.rule import RuleVerdict
from opsconductor.store.access.permissions import Rows


class WhoParameters(BaseModel):
    """Parameters of the question who would be notified."""

    model_config = ConfigDict(extra="forbid")

    at: Time | None = Field(default=None, description="When; default: now.")


class WouldNotifyView(View):
    """A recipient who would be notified."""

    rule: str
    channel: str
    recipient: str
    person: str = Field(description="Empty: the rule names the recipient itself.")
    why: str = Field(description="Why the person is a recipient: a team, who is on call.")


class LeftOutView(View):
    """A contact method over which a person would not be notified, or later."""

    rule: str
    person: str
    channel: str
    recipient: str
    reason: str
    until: AwareDatetime | None = Field(description="When it would be sent; null: never.")


class LaterStepView(View):
    """A step of an escalation that would follow unless the alert is acknowledged."""

    rule: str
    policy: str
    step: int
    at: AwareDatetime
    recipients: list[WouldNotifyView]
    remarks: list[str]


class VerdictView(View):
    """Verdict of a rule."""

    rule: str
    fired: bool
    reason: str


class WhoView(View):
    """Who would be notified of an alert by the rules in force, without throttling."""

    at: AwareDatetime
    recipients: list[WouldNotifyView] = Field(description="Each once, by the first rule that names it.")
    left_out: list[LeftOutView]
    steps: list[LaterStepView] = Field(description="Without repeats.")
    verdicts: list[VerdictView] = Field(description="Of every rule, in the order of evaluation.")


async def who(call: Call) -> web.Response:
    """Respond with the recipients who would be notified of an alert as it is, at a time."""
    engine = call.parts.engine()
    alert = engine.get(call.id) or (await stored_alert(call)).alert
    if not call.rows.has(alert):
        raise AlertNotFound(f"there is no alert {call.id}")
    at = call.query.at or datetime.now(UTC)
    return answer(who_view(engine.foresee(alert, at), at))


def who_view(forecast: Forecast, at: datetime) -> WhoView:
    """Return whom rules would notify."""
    found = forecast.rules
    recipients: dict[tuple[str, str], WouldNotifyView] = {}
    for each, _ in found:
        for view in _recipients(each):
            recipients.setdefault((view.channel, view.recipient), view)
    remarks = {each.rule.name: each.remarks for each, _ in found}
    return WhoView(
        at=at,
        recipients=list(recipients.values()),
        left_out=[view for each, _ in found for view in _left_out(each)],
        steps=[_step(step) for _, steps in found for step in steps],
        verdicts=[_verdict(verdict, remarks) for verdict in forecast.verdicts],
    )


def _recipients(found: RuleRecipients) -> list[WouldNotifyView]:
    return [
        WouldNotifyView(
            rule=notified.rule_name,
            channel=notified.channel,
            recipient=notified.recipient,
            person=notified.person,
            why=found.whys.get((notified.channel, notified.recipient), ""),
        )
        for notified in found.notified
    ]


def _left_out(found: RuleRecipients) -> list[LeftOutView]:
    return [LeftOutView(rule=found.rule.name, **left._asdict()) for left in found.left_out]


def _step(step: ForeseenStep) -> LaterStepView:
    return LaterStepView(
        rule=step.found.rule.name,
        policy=step.policy,
        step=step.number,
        at=step.at,
        recipients=_recipients(step.found),
        remarks=step.found.remarks,
    )


def _verdict(verdict: RuleVerdict, remarks: Mapping[str, Sequence[str]]) -> VerdictView:
    """Return a verdict, with why persons would be notified or not."""
    found = "; ".join(remarks.get(verdict.rule, ()))
    reason = f"{verdict.reason}: {found}" if found else verdict.reason
    return VerdictView(rule=verdict.rule, fired=verdict.fired, reason=reason)


RULE_ENDPOINTS: tuple[Endpoint, ...] = (
    *ON_CALL_ENDPOINTS,
    *ON_CALL_FILE_ENDPOINTS,
    Endpoint(
        method="GET",
        path="/api/v1/alerts/{id}/who",
        handler=who,
        summary="Read who would be notified of an alert, now or at another time",
        permission="alerts:read",
        rows=Rows.OWN,
        query=WhoParameters,
        answers=WhoView,
    ),
)
