"""Many devices that report faults by INFORM and trap, and remember which were acknowledged.

An INFORM is sent again, byte by byte the same, until it is answered or given up, as snmpinform and real
devices do. Most faults have an interface of their own, so that the database can be asked whether each
was counted exactly once.
"""

import asyncio
import random
import subprocess
from collections import deque
from collections.abc import Callable, Coroutine
from itertools import count

from opsconductor.model.alert import fingerprint_of
from tests.soak.packets import INFORM, LINK_DOWN, LINK_UP, TRAP, UNMAPPED, Oid, answered_id, dotted, notice
from tests.soak.record import Message, Subject

DEVICES = tuple(f"127.0.1.{number}" for number in range(1, 41))
NOTIFIED_DEVICES = DEVICES[:4]
"""Devices whose faults are sent to the receiver."""
SHARED_PORTS = range(1, 11)
FIRST_OWN_PORT = 1_000
RESEND_AFTER_S = 1.0
TRIES = 12
MOST_UNDER_WAY = 4_000
TURN_S = 0.02
TOOL_EVERY_S = 3.0
LINK, UNKNOWN = "network_link_down", "unknown_trap"


class Device(asyncio.DatagramProtocol):
    """One device's socket: passes answers to the waiting senders."""

    transport: asyncio.DatagramTransport

    def __init__(self, on_answer: Callable[[], None]) -> None:
        self.waiting: dict[int, Message] = {}
        self._on_answer = on_answer

    def datagram_received(self, data: bytes, _addr: object) -> None:
        """Take an answer; the second one to the same INFORM changes nothing."""
        request_id = answered_id(data)
        message = None if request_id is None else self.waiting.pop(request_id, None)
        if message is not None:
            message.answered()
            self._on_answer()

    def error_received(self, exc: Exception) -> None:
        """The daemon does not listen at the moment: the INFORM is sent again."""


class Load:
    """The traffic of all devices.

    Args of the constructor:
        port: Where the daemon listens.
        rate: Messages a second, without those that are sent again.
        chance: Draws what is sent.

    Attributes:
        subjects: Every fault that was reported, by fingerprint.
    """

    def __init__(self, port: int, rate: float, chance: random.Random) -> None:
        self.subjects: dict[str, Subject] = {}
        self.touched: set[str] = set()
        self.messages = self.acknowledged = self.given_up = self.traps = self.resent = 0
        self._port = port
        self._rate = rate
        self._random = chance
        self._devices: dict[str, Device] = {}
        self._ports = count(FIRST_OWN_PORT)
        self._ids = count(chance.randrange(1, 1 << 20))
        self._stories: set[asyncio.Task[None]] = set()
        self._answers: deque[asyncio.Future[None]] = deque()
        self._tool_at_s = 0.0

    async def open(self) -> None:
        """Open one socket for each device."""
        loop = asyncio.get_running_loop()
        for address in DEVICES:
            transport, device = await loop.create_datagram_endpoint(
                lambda: Device(self._wake), local_addr=(address, 0), remote_addr=("127.0.0.1", self._port)
            )
            device.transport = transport
            self._devices[address] = device

    def close(self) -> None:
        """Close all sockets."""
        for device in self._devices.values():
            device.transport.close()

    async def run(self) -> None:
        """Begin stories at a steady rate until cancelled; none while too many are under way."""
        loop = asyncio.get_running_loop()
        due = 0.0
        before = loop.time()
        while True:
            await asyncio.sleep(TURN_S)
            now = loop.time()
            due = min(due + (now - before) * self._rate, self._rate)
            before = now
            while due >= 1 and len(self._stories) < MOST_UNDER_WAY:
                due -= self._begin()
            if now >= self._tool_at_s:
                self._tool_at_s = now + TOOL_EVERY_S
                self._spawn(self._tool())

    async def settle(self) -> None:
        """Wait until every story has come to its end."""
        while self._stories:
            await asyncio.wait(set(self._stories))

    async def next_answer(self) -> None:
        """Wait until an INFORM is answered."""
        waiter = asyncio.get_running_loop().create_future()
        self._answers.append(waiter)
        await waiter

    def _wake(self) -> None:
        while self._answers:
            waiter = self._answers.popleft()
            if not waiter.done():
                waiter.set_result(None)

    # What devices do ---------------------------------------------------------------------------

    def _begin(self) -> int:
        """Begin a random story; returns how many messages it is worth."""
        drawn = self._random.random()
        if drawn < 0.6:
            self._spawn(self._own_port())
            return 2
        if drawn < 0.9:
            self._spawn(self._shared_port())
            return 1
        self._trap()
        return 1

    async def _own_port(self) -> None:
        """Report an interface of its own as down and, mostly, as up again a moment later."""
        address, port = self._random.choice(DEVICES), next(self._ports)
        subject = self._subject(address, LINK, f"ifIndex={port}", is_own=True)
        subject.is_acknowledged = await self._inform(address, LINK_DOWN, port, subject)
        if self._random.random() < 0.95:
            await asyncio.sleep(self._random.choice((0, 0.1, 1.0, 3.0)))
            subject.clears += 1
            subject.is_cleared = await self._inform(address, LINK_UP, port, subject, is_problem=False)
        subject.is_over = True
        self.touched.add(subject.fingerprint)

    async def _shared_port(self) -> None:
        """Report on an interface that reports often: repeats, flaps, and traps that nothing is mapped to."""
        address, port = self._random.choice(DEVICES), self._random.choice(SHARED_PORTS)
        kind = self._random.choice((LINK_DOWN, LINK_DOWN, LINK_UP, UNMAPPED))
        if kind == UNMAPPED:
            resource = f"{dotted(UNMAPPED)} #{port} {port}"  # problems differ by their variables
            await self._inform(address, kind, port, self._subject(address, UNKNOWN, resource))
            return
        subject = self._subject(address, LINK, f"ifIndex={port}")
        await self._inform(address, kind, port, subject, is_problem=kind == LINK_DOWN)

    def _trap(self) -> None:
        """Send a trap, whose arrival is not known."""
        address, port = self._random.choice(DEVICES), next(self._ports)
        subject = self._subject(address, LINK, f"ifIndex={port}", is_own=True)
        subject.is_trap = subject.is_over = True
        self.traps += 1
        subject.datagrams += 1
        self._devices[address].transport.sendto(notice(TRAP, next(self._ids), LINK_DOWN, port))

    async def _tool(self) -> None:
        """Make net-snmp's own tool report a fault, to see that it is served like our sender."""
        address, port = self._random.choice(DEVICES), next(self._ports)
        subject = self._subject(address, LINK, f"ifIndex={port}", is_own=True)
        message = Message(subject, is_problem=True)
        subject.datagrams += TRIES
        name = f"{dotted((1, 3, 6, 1, 2, 1, 2, 2, 1, 1))}.{port}"
        timeouts = ("-r", str(TRIES - 1), "-t", str(RESEND_AFTER_S))
        tool = ("snmpinform", *timeouts, "-v2c", "-c", "public", f"--clientaddr={address}")
        process = await asyncio.create_subprocess_exec(
            *(*tool, f"127.0.0.1:{self._port}", "", dotted(LINK_DOWN), name, "i", str(port)),
            stderr=subprocess.DEVNULL,
        )
        self.messages += 1
        if await process.wait() == 0:
            message.answered()
        self._conclude(message)
        subject.is_acknowledged = message.is_answered
        subject.is_over = True

    async def _inform(
        self, address: str, trap_oid: Oid, port: int, subject: Subject, *, is_problem: bool = True
    ) -> bool:
        """Send an INFORM until it is answered or given up; return whether it was answered."""
        device, request_id = self._devices[address], next(self._ids)
        packet = notice(INFORM, request_id, trap_oid, port)
        message = Message(subject, is_problem=is_problem)
        device.waiting[request_id] = message
        self.messages += 1
        for number in range(TRIES):
            self.resent += number > 0
            subject.datagrams += is_problem
            device.transport.sendto(packet)
            if await message.is_answered_within(RESEND_AFTER_S):
                break
        device.waiting.pop(request_id, None)
        self._conclude(message)
        return message.is_answered

    def _conclude(self, message: Message) -> None:
        subject = message.subject
        self.touched.add(subject.fingerprint)
        if message.is_answered:
            self.acknowledged += 1
            subject.acknowledged += message.is_problem
        else:
            self.given_up += 1

    def _subject(self, address: str, alert_type: str, resource: str, *, is_own: bool = False) -> Subject:
        fingerprint = fingerprint_of(address, alert_type, resource)
        subject = self.subjects.get(fingerprint)
        if subject is None:
            subject = Subject(fingerprint, address, resource, is_own=is_own)
            self.subjects[fingerprint] = subject
        return subject

    def _spawn(self, story: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(story)
        self._stories.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._stories.discard(task)
        if not task.cancelled():
            task.result()
