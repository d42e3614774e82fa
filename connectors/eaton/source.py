"""The UPS poller: one task for each UPS, and the health of the connector."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from connectors.eaton.ask import recognize
from connectors.eaton.config import EatonConfig, UpsTarget
from connectors.eaton.normalize import normalize, scopes_of
from connectors.eaton.verify import verdict_on, watch_of
from connectors.eaton.watch import Watch
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit, VerifyResult, VerifyState
from opsconductor.connector.polling import poll_forever
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import Snapshot

APART = timedelta(milliseconds=20)
"""The first polls are spread by this much per UPS, so that not all answer at the same moment."""

REMEDY = "check that SNMP is enabled in its card and that our address and community have read access"
MOST_SHOWN = 10
"""Failing UPSs whose reason "Test connection" shows."""


class EatonSource:
    """Polls UPSs and rack PDUs until cancelled."""

    def __init__(self, config: EatonConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._permits = asyncio.Semaphore(config.most_at_once)
        self._failures: dict[str, Unreachable | Rejected | None] = {}
        self._watches = [
            Watch(target, config, context, permits=self._permits, on_polled=self._report_health)
            for target in config.targets
        ]

    async def run(self, emit: Emit) -> None:
        """Poll every UPS at its own interval; none delays another."""
        async with asyncio.TaskGroup() as tasks:
            for watch in self._watches:
                every = watch.target.poll_interval or self._config.poll_interval
                spread = min(every, APART * (len(self._watches) - 1))
                tasks.create_task(
                    poll_forever(watch.poll, every, emit, spread=spread), name=f"UPS {watch.target.ip}"
                )

    def normalize(self, raw: RawEvent) -> Snapshot:
        """Return the reports of a poll."""
        return normalize(raw)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: it contains no secrets."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Determine the kind of every UPS."""
        outcomes = await asyncio.gather(*(self._outcome(target) for target in self._config.targets))
        answering = {ip: text for ip, text, is_well in outcomes if is_well}
        failing = [text for _, text, is_well in outcomes if not is_well]
        message = f"{len(answering)} of {len(outcomes)} answer"
        more = [f"and {len(failing) - MOST_SHOWN} more"] if len(failing) > MOST_SHOWN else []
        implausible = {
            str(watch.target.ip): dict(watch.implausible) for watch in self._watches if watch.implausible
        }
        return CheckResult(
            ok=not failing,
            message="; ".join((message, *failing[:MOST_SHOWN], *more)),
            details={"answering": answering, **({"implausible": implausible} if implausible else {})},
        )

    def abandoned(self, scopes: Collection[str]) -> Collection[str]:
        """Return the scopes of UPSs that are no longer targets."""
        name = self._context.name
        polled = {scope for target in self._config.targets for scope in scopes_of(name, str(target.ip))}
        return set(scopes) - polled

    def can_verify(self, alert: Alert) -> bool:
        """Return True if the alert is from one of our UPSs, and of a type that a poll would list."""
        return watch_of(alert, self._watches, self._context.devices()) is not None

    async def verify(self, alert: Alert) -> VerifyResult:
        """Poll once and return whether the UPS still has the problem."""
        watch = watch_of(alert, self._watches, self._context.devices())
        if watch is None:
            return VerifyResult(
                answer=VerifyState.UNKNOWN, finding="the device is not a target of this connector"
            )
        try:
            document = await watch.look()
        except (Unreachable, Rejected) as error:
            return VerifyResult(answer=VerifyState.UNKNOWN, finding=str(error))
        return verdict_on(alert, document)

    async def _outcome(self, target: UpsTarget) -> tuple[str, str, bool]:
        ip = str(target.ip)
        try:
            mib = await recognize(target, self._permits)
        except Unreachable as error:
            return ip, f"{error}: {REMEDY}", False
        except Rejected as error:
            return ip, str(error), False
        return ip, mib.name, True

    def _report_health(self, ip: str, error: Unreachable | Rejected | None) -> None:
        """Report the connector's health: it is up as long as one UPS answers."""
        self._failures[ip] = error
        if error is None:
            self._context.report_up()
        elif len(self._failures) == len(self._watches) and all(self._failures.values()):
            self._context.report_down(error)
