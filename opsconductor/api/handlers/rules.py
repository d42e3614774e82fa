"""Notification rules: who would be notified of an alert, now or at another time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from opsconductor.api.handlers.alerts import stored_alert
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Time
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict


class WhoParameters(BaseModel):
    """Parameters of the question who would be notified."""

    model_config = ConfigDict(extra="forbid")

    at: Time | None = Field(default=None, description="When; default: now.")


class WouldNotifyView(View):
    """A recipient who would be notified."""

    rule: str
    channel: str
    recipient: str


class VerdictView(View):
    """Verdict of a rule."""

    rule: str
    fired: bool
    reason: str


class WhoView(View):
    """Who would be notified of an alert by the rules in force, without throttling."""

    at: AwareDatetime
    recipients: list[WouldNotifyView] = Field(description="Each once, by the first rule that names it.")
    verdicts: list[VerdictView] = Field(description="Of every rule, in the order of evaluation.")


async def who(call: Call) -> web.Response:
    """Respond with the recipients who would be notified of an alert as it is, at a time."""
    engine = call.parts.engine()
    alert = engine.get(call.id) or (await stored_alert(call)).alert
    at = call.query.at or datetime.now(UTC)
    return answer(who_view(engine.router.rules, engine.forecast(alert, at), at))


def who_view(rules: Iterable[NotificationRule], verdicts: Sequence[RuleVerdict], at: datetime) -> WhoView:
    """Return the recipients by the verdicts on rules."""
    fired = {verdict.rule for verdict in verdicts if verdict.fired}
    recipients: dict[tuple[str, str], WouldNotifyView] = {}
    for rule in rules:
        for target in rule.channels if rule.name in fired else ():
            for recipient in target.recipients:
                found = WouldNotifyView(rule=rule.name, channel=target.channel, recipient=recipient)
                recipients.setdefault((target.channel, recipient), found)
    shown = [VerdictView.model_validate(verdict) for verdict in verdicts]
    return WhoView(at=at, recipients=list(recipients.values()), verdicts=shown)


RULE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/alerts/{id}/who",
        handler=who,
        summary="Read who would be notified of an alert, now or at another time",
        permission="alerts:read",
        query=WhoParameters,
        answers=WhoView,
    ),
)
