"""Test of notification rules on the raw event archive: what would have been sent, beside what was.

Read-only; everything is computed in the calling thread.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.configuring.rehearsal import (
    STORMS,
    build_sources,
    engine_of,
    past_commands,
    tried_configuration,
)
from opsconductor.config.provision.provision import Provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.settings import Settings
from opsconductor.model import canary
from opsconductor.replay.compare import NotifiedInReplay
from opsconductor.replay.replay import Outcome, PastCommand, Replay
from opsconductor.replay.tally import NotifiedFault, Tally, fault_of, reason_for_silence
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from opsconductor.store.raw_events import (
    Reading,
    Span,
    archive_reach,
    read_events,
    read_notified,
    read_notified_details,
    read_real_notifications,
    reading,
)

LEFT_OUT = (*STORMS, canary.ALERT_TYPE)
"""Alert types that do not count: a replay has no storms, and canaries are not for people."""
MOST_FAULTS = 200
"""Entries of each list of faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestRequest:
    """What to test.

    Attributes:
        provision: The rules to try, on top of the present configuration; None: those in force.
        is_alone: The rules of `provision` replace all rules in force.
        events: Maximum number of events; None: unlimited.
        time_limit_s: Seconds after which no more events are read; None: unlimited.
    """

    begin: datetime
    end: datetime
    provision: Provision | None = None
    is_alone: bool = False
    events: int | None = None
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestProgress:
    """How far a test is.

    Attributes:
        at: Time of the latest event.
        share: 0 to 1.
    """

    at: datetime
    events: int
    share: float


Report = Callable[[RuleTestProgress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealMessages:
    """What was sent, beside a replay.

    Attributes:
        were: Messages that were decided on.
        silent: Faults about which a recipient was notified and none would be, the worst first.
        new: Faults about which a recipient would be notified and none was, the earliest first.
    """

    were: Mapping[NotifiedInReplay, int]
    silent: Sequence[NotifiedFault]
    silent_total: int
    new: Sequence[NotifiedFault]
    new_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestOutcome:
    """Outcome of a test.

    Attributes:
        tested: The time that was tested; empty if begin is end.
        reach: Time range of the archive; None: it is empty.
        limited_by: `events` or `time` if a limit ended the test early; else empty.
        plan: What the files would change, in one line; empty: there are none.
        faults: Connectors whose events could not be replayed, with the reason.
        would: Messages that would have been sent.
        real: What was sent, and how the faults differ.
    """

    tested: Span
    reach: tuple[datetime, datetime] | None
    limited_by: str
    plan: str
    faults: Mapping[str, str]
    outcome: Outcome
    would: Mapping[NotifiedInReplay, int]
    real: RealMessages
    took_s: float


async def run_rule_test(settings: Settings, request: RuleTestRequest, report: Report) -> RuleTestOutcome:
    """Replay the archive with other rules, and compare the notifications with those that were decided on.

    What was sent is counted for the time that the archive covers, so that both sides are of the same time.

    Raises:
        ConfigError: The rules conflict with the database.
        StoreUnavailable: The database cannot be reached.
    """
    started = time.monotonic()
    async with open_database(settings) as pool:
        configuration, plan = await tried_configuration(pool, request.provision, settings)
        if request.is_alone:
            configuration = _alone(configuration, request.provision)
        sources, faults = build_sources(configuration, settings.data_dir)
        engine = engine_of(configuration, settings)
        tally = Tally(engine)
        async with reading(pool) as connection:
            reach = await archive_reach(connection)
        span = _covered(request, reach)
        replay = Replay(sources, configuration.inventory, engine, span.begin, note=tally.add)
        commands = await past_commands(pool, span, tuple(sources))
        run = _Run(pool=pool, span=span, request=request, report=report, started=started)
        end, limited_by = await run.play(replay, commands)
        tested = replace(span, end=end)
        async with reading(pool) as connection:
            real = await _compared(connection, tally, tested, tuple(sources))
    return RuleTestOutcome(
        tested=tested,
        reach=reach,
        limited_by=limited_by,
        plan=plan,
        faults=faults,
        outcome=replay.outcome,
        would=dict(tally.messages),
        real=real,
        took_s=time.monotonic() - started,
    )


def _alone(configuration: Configuration, provision: Provision | None) -> Configuration:
    """Leave out all rules that no file declares; the rule of the canary stays."""
    items = () if provision is None else provision.items
    named = {item.row["name"] for item in items if item.table is ProvisionTable.NOTIFICATION_RULES}
    kept = [rule for rule in configuration.rules if rule.name in named or rule.id == canary.RULE_ID]
    return replace(configuration, rules=tuple(kept))


def _covered(request: RuleTestRequest, reach: tuple[datetime, datetime] | None) -> Span:
    """Return the part of the wanted time that the archive covers; empty if it covers none."""
    begin = request.end if reach is None else min(max(request.begin, reach[0]), request.end)
    return Span(begin=begin, end=request.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One reading of the archive, within limits."""

    pool: Pool
    span: Span
    request: RuleTestRequest
    report: Report
    started: float

    async def play(self, replay: Replay, commands: Sequence[PastCommand]) -> tuple[datetime, str]:
        """Replay the span; return until when, and which limit ended it early."""
        async for events in read_events(self.pool, self.span):
            replay.play(events, commands)
            commands = ()
            at, amount = events[-1].received_at, replay.outcome.events
            self.report(RuleTestProgress(at=at, events=amount, share=self._share(at)))
            if limit := self._limit(amount):
                return at, limit
        replay.play((), commands)
        replay.pass_time(self.span.end)
        return self.span.end, ""

    def _share(self, at: datetime) -> float:
        length = (self.span.end - self.span.begin).total_seconds()
        return (at - self.span.begin).total_seconds() / length if length else 1.0

    def _limit(self, amount: int) -> str:
        if self.request.events is not None and amount >= self.request.events:
            return "events"
        limit_s = self.request.time_limit_s
        return "time" if limit_s is not None and time.monotonic() - self.started > limit_s else ""


async def _compared(
    connection: Reading, tally: Tally, tested: Span, connectors: Sequence[str]
) -> RealMessages:
    """Return what was sent, and the faults whose notification would begin or cease."""
    were = await read_real_notifications(connection, tested, connectors, None, LEFT_OUT)
    notified = await read_notified(connection, tested, connectors, LEFT_OUT)
    silent = notified - tally.notified.keys()
    details = await read_notified_details(connection, tested, silent, MOST_FAULTS)
    new = [fault for name, fault in tally.notified.items() if name not in notified]
    return RealMessages(
        were={NotifiedInReplay(*who): amount for *who, amount in were},
        silent=[
            fault_of(alert, at, messages, tuple(whom), reason_for_silence(tally.engine, alert, at))
            for alert, messages, at, whom in details
        ],
        silent_total=len(silent),
        new=sorted(new, key=lambda fault: fault.first_at)[:MOST_FAULTS],
        new_total=len(new),
    )
