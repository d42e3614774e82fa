"""Rules that are not applied, tried on one alert or on what was really received."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.handlers.notifications.rules import WhoView, who_view
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import ALERT_TYPE, NO_NUL, SOME_TEXT, Amount, Id, Parameters, Text, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.api.interfaces.rule_trials import (
    ExampleAlert,
    RuleTestLimits,
    RuleTestState,
    RuleTestStatus,
    TriedRules,
)
from opsconductor.api.views import View
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.connector.settings.shape import Shape
from opsconductor.errors import AlertNotFound, ConfigError
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity
from opsconductor.store.alerts.lookup import get_alert

TESTS = "/api/v1/rules/test"
ProblemSeverity = Literal[
    Severity.CRITICAL,
    Severity.MAJOR,
    Severity.MINOR,
    Severity.WARNING,
    Severity.INFO,
]
LENGTH = Shape("^([1-9][0-9]{0,3}[smh]|[1-9][0-9]{0,2}d)$", "a length of time such as 90s, 15m, 12h or 30d")
DOCUMENT_BYTES = 4 * 1024 * 1024


class TriedBody(Parameters):
    """Rules to try."""

    provision: dict[str, Any] | None = Field(
        None, description="What a provisioning file holds, as JSON: `notification_rules`. Default: none."
    )
    alone: bool = Field(
        default=False, strict=True, description="Leave out the rules in force that it does not declare."
    )

    @property
    def tried(self) -> TriedRules:
        """The rules to try."""
        return TriedRules(document=self.provision, is_alone=self.alone)


class ExampleBody(Parameters):
    """An alert that does not exist."""

    device: Annotated[str, SOME_TEXT] = Field(max_length=255, description="Name or address.")
    alert_type: Annotated[str, ALERT_TYPE] = Field(max_length=100)
    severity: ProblemSeverity = Severity.MAJOR
    resource: Text = ""
    title: Text = ""
    source_system: Annotated[str, NO_NUL] = Field("example", max_length=50)
    tags: tuple[Text, ...] = Field((), max_length=50)
    custom_fields: dict[str, Any] = Field(default_factory=dict)
    occurrences: Amount = 1
    age: Annotated[str, LENGTH] | None = Field(None, description="How long ago it occurred: `15m`.")

    @property
    def example(self) -> ExampleAlert:
        """The alert as the engine's side takes it."""
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "age"}
        return ExampleAlert(**values, age=parse_duration(self.age) if self.age else timedelta(0))


class WhoBody(TriedBody):
    """An alert that exists or an example, and the rules to try on it."""

    alert_id: Id | None = Field(None, description="An alert that exists; or else `alert`.")
    alert: ExampleBody | None = Field(None, description="An alert that does not exist.")
    at: Time | None = Field(None, description="When; default: now.")


class RuleTestBody(TriedBody):
    """A test of rules."""

    last: Annotated[str, LENGTH] = Field("1d", description="How far back: `30d`.")
    to: Time | None = Field(None, description="End of the time; default: now.")
    events: int = Field(1_000_000, ge=1, le=10_000_000, description="Events to process at most.")
    time_limit: int = Field(600, ge=1, le=3_600, description="Seconds after which no more are read.")


class RuleTestView(View):
    """State of a test."""

    id: UUID
    by: str
    started_at: AwareDatetime
    state: RuleTestStatus
    share: float = Field(description="How much of the time is done, 0 to 1.")
    at: AwareDatetime | None = Field(description="Time of the latest event that was processed again.")
    events: int
    error: str = Field(description="Why it failed; empty: it did not.")
    result: dict[str, Any] | None = Field(
        description="When it is done: messages by rule, channel and recipient beside those that were sent,"
        " and the faults without a notification, and with a new one."
    )


async def who_by(call: Call) -> web.Response:
    """Respond with the recipients of an alert by rules that are not applied."""
    body, at = call.body, call.body.at or datetime.now(UTC)
    if (body.alert_id is None) == (body.alert is None):
        raise _wrong("alert_id", "alert_id and alert" if body.alert else "neither alert_id nor alert", "one")
    try:
        if body.alert is not None:
            alert = await call.parts.rule_trials.alert_of(body.alert.example, at)
        else:
            alert = await _alert(call, body.alert_id)
        forecast = await call.parts.rule_trials.forecast(alert, at, body.tried)
    except ConfigError as error:
        raise _refused(error) from error
    return answer(who_view(forecast, at))


async def _alert(call: Call, alert_id: UUID) -> Alert:
    if (live := call.parts.engine().get(alert_id)) is not None:
        return live
    found = await call.parts.database.ask(get_alert, alert_id)
    if found is None:
        raise AlertNotFound(f"there is no alert {alert_id}")
    return found.alert


async def start_test(call: Call) -> web.Response:
    """Start a test of rules."""
    body, end = call.body, call.body.to or datetime.now(UTC)
    limits = RuleTestLimits(
        begin=end - parse_duration(body.last),
        end=end,
        events=body.events,
        time_limit_s=float(body.time_limit),
    )
    try:
        state = await call.parts.rule_trials.start(body.tried, limits, call.operator.name)
    except ConfigError as error:
        raise _refused(error) from error
    if state is None:
        raise refusal(web.HTTPConflict, "conflict", "another test is running: wait for it, or cancel it")
    return answer(RuleTestView.model_validate(state))


async def show_test(call: Call) -> web.Response:
    """Respond with the state of a test."""
    return answer(_view(call, call.parts.rule_trials.find(call.id)))


async def cancel_test(call: Call) -> web.Response:
    """End a running test."""
    return answer(_view(call, await call.parts.rule_trials.cancel(call.id)))


def _view(call: Call, state: RuleTestState | None) -> RuleTestView:
    if state is None:
        message = f"no test {call.id} is known; the last ones of this run of the daemon are"
        raise refusal(web.HTTPNotFound, "not_found", message)
    return RuleTestView.model_validate(state)


def _refused(error: ConfigError) -> web.HTTPException:
    return refused_for(
        [{"name": each.key, "found": each.found, "expected": each.expected} for each in error.faults]
    )


def _wrong(name: str, found: str, expected: str) -> web.HTTPException:
    fault: Mapping[str, str] = {"name": name, "found": found, "expected": expected}
    return refused_for([dict(fault)])


RULE_TEST_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/rules/who",
        handler=who_by,
        summary="Read who would be notified of an alert, or of an example, by rules that are not applied",
        permission="config:read",
        body=WhoBody,
        body_bytes=DOCUMENT_BYTES,
        answers=WhoView,
        refuses=(404,),
        tag="rules",
    ),
    Endpoint(
        method="POST",
        path=TESTS,
        handler=start_test,
        summary="Start a test of rules over what was really received; answered at once, read its state",
        permission="system:write",
        body=RuleTestBody,
        body_bytes=DOCUMENT_BYTES,
        answers=RuleTestView,
        refuses=(409,),
        tag="rules",
    ),
    Endpoint(
        method="GET",
        path=f"{TESTS}/{{id}}",
        handler=show_test,
        summary="Read how far a test of rules is, and its result",
        permission="system:read",
        answers=RuleTestView,
        tag="rules",
    ),
    Endpoint(
        method="DELETE",
        path=f"{TESTS}/{{id}}",
        handler=cancel_test,
        summary="Cancel a test of rules",
        permission="system:write",
        answers=RuleTestView,
        tag="rules",
    ),
)
