"""An SNMPv3 agent inside the test: the values and illnesses of `snmp_agent`, for one user.

Its security model is the receiving side of our own, which other tests hold against net-snmp and pysnmp.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from opsconductor.snmp.client.answer import report
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.security.engine import LocalEngine, new_engine_id
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import UsmUser
from opsconductor.snmp.security.usm import Refusal, UsmReceiver
from opsconductor.snmp.security.v3_message import scoped_pdu
from tests.support.snmp.snmp_agent import Agent, Typed, running

V2 = 1


@dataclass(slots=True, kw_only=True)
class AgentV3(Agent):
    """Answers one user.

    Attributes:
        spoil: Changes every message in front of its sending.
        refused: Reasons of the reports it has sent, in order.
    """

    user: UsmUser
    receiver: UsmReceiver = field(init=False)
    spoil: Callable[[bytes], bytes] = bytes
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the engine."""
        self.start(boots=7)

    def start(self, boots: int, uptime_s: float = 1_000.0) -> None:
        """Start the engine anew with its engine ID; what senders know of its clock is wrong then."""
        known = self.receiver.engine.engine_id if hasattr(self, "receiver") else new_engine_id()
        engine = LocalEngine(engine_id=known, boots=boots, started_s=time.monotonic() - uptime_s)
        self.receiver = UsmReceiver([self.user], engine)

    def answer(self, data: bytes) -> bytes | None:
        """Make the answer to a request, or the report that refuses it; None: silence."""
        now_s = time.monotonic()
        opened = self.receiver.open(data, now_s)
        if isinstance(opened, Refusal):
            self.refused.append(opened.reason)
            report_message = report(self.receiver, opened, count=len(self.refused), now_s=now_s)
            return None if report_message is None else self.spoil(report_message)
        scoped, engine = opened.scoped, self.receiver.engine
        response = self.respond(V2, Reader(scoped.pdu, 0, len(scoped.pdu)))
        if response is None:
            return None
        auth_key, priv_key = self.receiver.keys_for(opened.keys, engine.engine_id)
        protection = Protection(
            user=self.user,
            level=self.user.level,
            authority=Authority(engine_id=engine.engine_id, boots=engine.boots, time_s=engine.time_s(now_s)),
            auth_key=auth_key,
            priv_key=priv_key,
        )
        content = scoped_pdu(scoped.context_engine_id, scoped.context_name, response)
        return self.spoil(protect(protection, content, msg_id=opened.message.msg_id))


def agent_v3(values: Mapping[str, Typed], user: UsmUser) -> AbstractAsyncContextManager[AgentV3]:
    """Run an agent of v3 on a free port."""
    return running(AgentV3(user=user), values)
