"""Polling of one UPS: its problems and its reachability as events."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.eaton.ask import Known, ask
from connectors.eaton.config import EatonConfig, UpsTarget
from connectors.eaton.document import document_of
from connectors.eaton.evaluate import ON_BATTERY, Before, evaluate
from connectors.eaton.findings import findings_of
from connectors.eaton.measure import measured
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.address import device_of
from opsconductor.model.event import RawEvent

log = logging.getLogger(__name__)

OnPolled = Callable[[str, Unreachable | Rejected | None], None]
"""Receives the address of a UPS and why it did not answer; None: it did."""


class Watch:
    """One UPS and its state kept from poll to poll.

    Args of the constructor:
        on_polled: Called with the result of each poll.
    """

    def __init__(
        self,
        target: UpsTarget,
        config: EatonConfig,
        context: ConnectorContext,
        *,
        permits: asyncio.Semaphore,
        on_polled: OnPolled,
    ) -> None:
        self.target = target
        self._config = config
        self._context = context
        self._permits = permits
        self._on_polled = on_polled
        self._misses = 0
        self._before: Before = None
        self._known: Known = {}
        self._on_battery_since_s: float | None = None
        self._is_answering = False
        self.implausible: Mapping[str, str] = {}

    async def poll(self) -> Sequence[RawEvent]:
        """Poll once.

        Returns:
            The problems; and, where that is new, that it answers. When it does not answer: nothing at
            first, then that it does not. Open alerts then stay open.
        """
        self._context.report_polling()
        began_at = self._context.now()
        try:
            document = await self.look()
        except (Unreachable, Rejected) as error:
            self._on_polled(str(self.target.ip), error)
            return self._missed(began_at, error)
        self._answered()
        self._on_polled(str(self.target.ip), None)
        recorded = measured(document, str(self.target.ip), self.target.name, began_at)
        self._context.measure(tuple(recorded))
        unread, was_answering = document["unread"], self._is_answering
        self._is_answering = not unread
        events = [self._event(began_at, document)]
        if unread or not was_answering:
            failure = f"The device answers, but not for: {', '.join(unread)}." if unread else ""
            events.append(self._event(began_at, {"failure": failure, "is_partly": bool(unread)}))
        return events

    async def look(self) -> Mapping[str, Any]:
        """Poll once and evaluate; raises Unreachable or Rejected."""
        device, severity_of = device_of(str(self.target.ip), self.target.name), self._context.severity_of
        answers = await ask(self.target, self._permits, self._known)
        whole = {name: tuple(rows) for name, rows in answers.rows.items() if name not in answers.unread}
        self._known = {**self._known, **whole}
        document = document_of(answers)
        self.implausible = document["implausible"]
        found = evaluate(
            document,
            self._config.thresholds,
            lambda alert_type, resource: severity_of(device, alert_type, resource),
            before=self._before,
            on_battery_for_s=self._on_battery_for_s(),
        )
        self._before = findings_of(found)
        if (ON_BATTERY, "") not in self._before:
            self._on_battery_since_s = None
        elif self._on_battery_since_s is None:
            self._on_battery_since_s = asyncio.get_running_loop().time()
        return found

    def _on_battery_for_s(self) -> float:
        since_s = self._on_battery_since_s
        return 0.0 if since_s is None else asyncio.get_running_loop().time() - since_s

    def _missed(self, began_at: datetime, error: Unreachable | Rejected) -> Sequence[RawEvent]:
        self._misses += 1
        self._is_answering = False
        if self._misses < self._config.unreachable_after:
            return []
        if self._misses == self._config.unreachable_after:
            log.warning(
                "UPS does not answer",
                extra={**self._place, "error": str(error)},
            )
        return [self._event(began_at, {"failure": str(error), "is_partly": False})]

    def _answered(self) -> None:
        if self._misses >= self._config.unreachable_after:
            log.info("UPS answers again", extra=self._place)
        self._misses = 0

    @property
    def _place(self) -> Mapping[str, str]:
        return {"connector": self._context.name, "device": str(self.target.ip)}

    def _event(self, began_at: datetime, found: Mapping[str, Any]) -> RawEvent:
        """Return an event with the time at which the poll began: anything received later is newer."""
        ip, name = str(self.target.ip), self.target.name
        payload = json.dumps({"ip": ip, "name": name, **found}, ensure_ascii=False)
        return RawEvent(
            connector=self._context.name,
            payload=payload.encode(errors="replace"),
            received_at=began_at,
            peer=ip,
        )
