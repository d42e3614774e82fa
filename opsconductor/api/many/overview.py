"""Overview of a day, a week or a month: how many alerts, of what, how long they took, what was saved."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Literal

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.model.enums import Severity
from opsconductor.store.alerts.overview import BINS_PER_FACTOR_E, DAY, OverviewSum, Period, read_overview

HOUR = timedelta(hours=1)
DAYS: Mapping[str, int] = {"7d": 7, "30d": 30}
SHOWN = 10
"""Number of devices and types in an answer."""


class OverviewParameters(Parameters):
    """Period of the overview."""

    range: Literal["24h", "7d", "30d"] = Field(
        "24h", description="The last 24 hours by the hour; the last 7 or 30 days (UTC), today included."
    )


class OverviewStepView(View):
    """Alerts that began within one step of time."""

    at: AwareDatetime = Field(description="Begin of the step.")
    severity: dict[Severity, int]


class OverviewNameView(View):
    """A device or a type of alerts, and a number."""

    name: str
    amount: int


class OverviewTimeView(View):
    """How long something took: within 7 %, since lengths are counted in bins."""

    amount: int
    median_s: float | None
    p90_s: float | None


class OverviewView(View):
    """The overview of a period."""

    since: AwareDatetime
    until: AwareDatetime
    step_s: int = Field(description="Length of a step of `over_time` in seconds.")
    over_time: list[OverviewStepView] = Field(description="Every step of the period, the oldest first.")
    devices: list[OverviewNameView] = Field(description="Those with the most alerts.")
    types: list[OverviewNameView] = Field(description="Those with the most alerts.")
    flapping: list[OverviewNameView] = Field(description="Devices, by how often one began to flap.")
    acknowledged: OverviewTimeView = Field(description="From the begin; of alerts that began in the period.")
    resolved: OverviewTimeView = Field(description="From the begin; of alerts resolved in the period.")
    reports: int = Field(description="Messages that became the alerts, repeats included.")
    alerts: int = Field(description="Alerts that began.")
    suppressed: int = Field(description="Of these, consequences of others, which were not notified.")
    causes: int = Field(description="Number of their causes, added up by the day.")
    notified: int = Field(description="Of these alerts, those that were notified.")
    sent: int = Field(description="Messages sent to people.")
    saved: int = Field(
        description="Messages that suppression has saved: `suppressed` times the messages for one alert."
    )


async def overview(call: Call) -> web.Response:
    """Respond with the overview of a period."""
    now = datetime.now(UTC)
    since, step = period_of(call.query.range, now)
    period = Period(since=since, until=now, step=step)
    sums = await call.parts.database.ask_long(read_overview, period, call.rows.conditions)
    return answer(view_of(sums, since, now, step))


def period_of(wanted: str, now: datetime) -> tuple[datetime, timedelta]:
    """Return the begin of a period and the length of its steps, at whole hours or days."""
    if wanted in DAYS:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - DAY * (DAYS[wanted] - 1), DAY
    return now.replace(minute=0, second=0, microsecond=0) - 23 * HOUR, HOUR


def view_of(sums: Iterable[OverviewSum], since: datetime, until: datetime, step: timedelta) -> OverviewView:
    """Add up the sums of a period; pure."""
    found: dict[str, Counter[str]] = {}
    steps: dict[datetime, Counter[str]] = {}
    at = since
    while at < until:
        steps[at] = Counter()
        at += step
    for each in sums:
        found.setdefault(each.kind, Counter())[each.name] += each.amount
        if each.at in steps:
            steps[each.at][each.name] += each.amount
    total = found.get("total", Counter())
    per_alert = total["sent"] / total["notified"] if total["notified"] else 0
    return OverviewView(
        since=since,
        until=until,
        step_s=int(step.total_seconds()),
        over_time=[
            OverviewStepView(at=at, severity={Severity(name): amount for name, amount in of_step.items()})
            for at, of_step in steps.items()
        ],
        devices=_largest(found.get("device", Counter())),
        types=_largest(found.get("type", Counter())),
        flapping=_largest(found.get("flapping", Counter())),
        acknowledged=times_of(found.get("acknowledged", Counter())),
        resolved=times_of(found.get("resolved", Counter())),
        saved=round(total["suppressed"] * per_alert),
        **{name: total[name] for name in ("reports", "alerts", "suppressed", "causes", "notified", "sent")},
    )


def _largest(amounts: Counter[str]) -> list[OverviewNameView]:
    return [OverviewNameView(name=name, amount=amount) for name, amount in amounts.most_common(SHOWN)]


def times_of(bins: Mapping[str, int]) -> OverviewTimeView:
    """Return median and 90th percentile of numbers by bins of time."""
    ordered = sorted((int(name), amount) for name, amount in bins.items())
    amount = sum(each for _, each in ordered)
    if not amount:
        return OverviewTimeView(amount=0, median_s=None, p90_s=None)
    return OverviewTimeView(
        amount=amount, median_s=_quantile(ordered, amount * 0.5), p90_s=_quantile(ordered, amount * 0.9)
    )


def _quantile(ordered: Sequence[tuple[int, int]], rank: float) -> float:
    """Return the time below which so many are, as if they were spread evenly within a bin."""
    below = 0
    for number, amount in ordered:
        if below + amount >= rank:
            place = number + (rank - below) / amount
            return round(exp(place / BINS_PER_FACTOR_E) - 1, 1)
        below += amount
    raise AssertionError("a rank beyond the amount")
