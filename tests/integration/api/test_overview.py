"""The overview of alerts: numbers of a day, a week, a month, from the alerts and from the sums of days."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.api.many.overview import times_of
from opsconductor.model.command import Acknowledge, Operator, Resolve
from opsconductor.model.enums import Severity
from opsconductor.store.alerts.overview import DAY, Period, read_overview, record_days
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Stage, problem
from tests.support.store.alert_years import fill

pytest_plugins = ["tests.integration.api_fixtures"]

ANNA = Operator(name="anna")


async def test_the_overview_counts_what_happened(stage: Stage, viewer: Caller) -> None:
    """Alerts by time, device and type; times to acknowledge and to resolve; suppressed notifications."""
    began = datetime.now(UTC) - timedelta(minutes=2)
    cause = problem("Down", device_ip=UPSTREAM, alert_type="network_device_unreachable", is_cutting=True,
                    severity=Severity.CRITICAL, occurred_at=began, resource="")  # fmt: skip
    await stage.use_rule("all", Severity.CRITICAL)
    (alert,) = await stage.report(cause)
    await stage.report(problem("Link", device_ip=DOWNSTREAM))
    await stage.report(problem("Link", device_ip=DOWNSTREAM))
    await stage.command(Acknowledge(alert_id=alert.id, operator=ANNA))
    await stage.command(Resolve(alert_id=alert.id, operator=ANNA))
    for period, step_s, steps in (("24h", 3600, 24), ("7d", 86_400, 7), ("30d", 86_400, 30)):
        seen = (await viewer.get(f"/alerts/overview?range={period}")).data
        assert isinstance(seen, dict)
        assert (seen["step_s"], len(seen["over_time"])) == (step_s, steps), period
        by_severity = sum((Counter(each["severity"]) for each in seen["over_time"]), Counter())
        assert by_severity == {"critical": 1, "major": 1}
        assert (seen["alerts"], seen["reports"], seen["suppressed"], seen["causes"]) == (2, 3, 1, 1)
        assert {each["name"] for each in seen["types"]} == {"network_device_unreachable", "network_link_down"}
        for took in (seen["acknowledged"], seen["resolved"]):
            assert took["amount"] == 1
            assert 110 < took["median_s"] <= took["p90_s"] < 150
    assert (await viewer.get("/alerts/overview?range=1y")).status == 400


async def test_sums_of_days_are_the_sums_of_their_alerts(pool: asyncpg.Pool) -> None:
    """Finished days are read from their sums, and days without from the alerts: the answer is the same."""
    await fill(pool, 20_000, 500)
    end = await pool.fetchval("SELECT max(occurred_at) FROM alerts")
    since = (end - 3 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    period = Period(since=since, until=end, step=DAY)
    counted = await read_overview(pool, period)
    await record_days(pool, end)
    await pool.execute("DELETE FROM alert_days WHERE day = $1", since.date() + DAY)
    stored = await read_overview(pool, period)
    assert len(stored) < len(counted)

    def added(sums: object) -> Counter[tuple[str, datetime | None, str]]:
        found: Counter[tuple[str, datetime | None, str]] = Counter()
        for each in sums:  # type: ignore[attr-defined]
            found[each.kind, each.at, each.name] += each.amount
        return found

    assert added(stored) == added(counted)
    await record_days(pool, end)
    assert added(await read_overview(pool, period)) == added(counted)


def test_times_are_read_from_their_bins() -> None:
    """Median and 90th percentile lie within a bin of the true ones; without anything there are none."""
    assert times_of({}).median_s is None
    seen = times_of({"0": 5, "33": 4, "57": 1})
    assert seen.amount == 10
    assert seen.median_s is not None
    assert seen.p90_s is not None
    assert 0 <= seen.median_s < 0.2
    assert 50 < seen.p90_s < 75
