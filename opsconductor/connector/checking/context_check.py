"""Check of what a third-party connector calls its context with, and of the reasons that it counts by."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from opsconductor.connector.checking.type_check import Shape, TupleCheck, TypeCheck
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.measured.measurement import Measurement
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import storable_text

STAGES = frozenset(
    {"received", "refused", "undecodable", "duplicate", "dropped", "kernel_drop", "unanswered"}
)
"""Stages of the loss ledger that connectors count."""
MOST_REASONS = 50
"""A reason is one of a closed set; with texts of messages as reasons the ledger would grow for ever."""
is_reason = re.compile(r"[a-z0-9_]{0,40}").fullmatch
CALLS: Mapping[str, Mapping[str, Shape]] = {
    "vendor_of": {"address": (str,)},
    "rejected": {
        "sender": (str,),
        "reason": (str,),
        "explanation": (str,),
        "remedy": (str,),
        "amount": (int,),
        "first_bytes": (bytes,),
    },
    "report_down": {"error": (Exception,)},
    "degraded": {"lacks": (str,)},
    "severity_of": {"device": (str,), "alert_type": (str,), "resource": (str,)},
    "learn_ports": {"device": (str,), "names": (Mapping,)},
    "open_alert": {"source_alert_id": (str,)},
    "alerts_of": {"device": (str,)},
    "original_of": {"alert_id": (UUID,)},
    "report_template": {"notification": (Notification,), "error": (str,)},
    "acknowledge": {"alert_id": (UUID,), "by": (str,)},
}
"""Functions of the context, with the types of their arguments in order."""


class CheckedCall:
    """A function of the context; its arguments are checked, and their texts can be stored and shown."""

    def __init__(self, context: ConnectorContext, name: str) -> None:
        self._check = TypeCheck(context.name)
        self._name = name
        self._wanted = CALLS[name]
        self._call: Callable[..., Any] = getattr(context, name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call it; raises ContractError."""
        values = [self._fit(name, each) for name, each in zip(self._wanted, given, strict=False)]
        return self._call(*values, **{name: self._fit(name, each) for name, each in named.items()})

    def _fit(self, name: str, value: Any) -> Any:
        self._check.expect(value, self._wanted.get(name, (object,)), f"{name} of {self._name}")
        if isinstance(value, Mapping):
            for text in (*value, *value.values()):
                self._check.expect(text, (str,), f"an entry of {name} of {self._name}")
        return storable_text(value) if isinstance(value, str) else value


class ReasonCheck:
    """Checks that reasons are words of a closed set."""

    def __init__(self, check: TypeCheck) -> None:
        self._check = check
        self._known: set[str] = set()

    def one(self, reason: str, what: str) -> None:
        """Refuse what is no word, and a word too many."""
        if not isinstance(reason, str) or reason not in self._known:
            self._note(reason, what)

    def _note(self, reason: str, what: str) -> None:
        self._check.expect(reason, (str,), f"the reason of {what}")
        if is_reason(reason) is None:
            self._check.refuse(f"the reason of {what} is no word of a-z, 0-9 and _, of at most 40 characters")
        if len(self._known) >= MOST_REASONS:
            self._check.refuse(
                f"more than {MOST_REASONS} reasons of {what} are counted: use a closed set of words"
            )
        self._known.add(reason)


class CheckedMeasure:
    """Takes measured values of one connector and passes them on, checked."""

    def __init__(self, context: ConnectorContext) -> None:
        self._check = TypeCheck(context.name)
        self._value = TupleCheck(self._check, Measurement, "a measured value")
        self._measure = context.measure

    def __call__(self, measurements: Sequence[Measurement]) -> None:
        """Take values."""
        if isinstance(measurements, Measurement):
            self._check.refuse("what is measured is one value, expected a list of values")
        self._check.expect(measurements, (list, tuple), "what is measured")
        for each in measurements:
            self._value.one(each)
            self._check.expect_aliases(each.device_aliases)
        self._measure(measurements)


class CheckedCount:
    """Counts messages of one connector in the loss ledger, checked."""

    def __init__(self, context: ConnectorContext) -> None:
        self._check = TypeCheck(context.name)
        self._reasons = ReasonCheck(self._check)
        self._count = context.count

    def __call__(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count messages."""
        self._check.expect(amount, (int,), "the amount of count")
        if stage not in STAGES:
            self._check.refuse(f"count knows no stage {stage!r:.60}, only {', '.join(sorted(STAGES))}")
        self._reasons.one(reason, "count")
        self._count(stage, reason, amount)


def checked_context(context: ConnectorContext) -> ConnectorContext:
    """Return the context for a third-party connector, which checks what it is called with."""
    calls: dict[str, Any] = {name: CheckedCall(context, name) for name in CALLS}
    return replace(context, count=CheckedCount(context), measure=CheckedMeasure(context), **calls)
