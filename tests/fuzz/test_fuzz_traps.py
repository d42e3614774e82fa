"""Almost valid datagrams, for FUZZ_SECONDS, through everything behind the port."""

import logging
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.snmp_trap.receiving.port import TrapPort
from connectors.snmp_trap.receiving.sockets import open_ports
from opsconductor.connector.settings.address import ListenAddress
from tests.fuzz.chain import Chain, NoErrors
from tests.fuzz.mutation import cpu_s, inputs, kept, seconds, seed
from tests.fuzz.packets import packet

LIMIT_S = 0.1
SHARE = 0.4
RESENT = 0.05
PEERS = ("127.0.0.1", "127.0.0.2")


@pytest.fixture
def port() -> Iterator[TrapPort]:
    """A real port of loopback, for the answers."""
    (opened,) = open_ports((ListenAddress("127.0.0.1", 0),), ())
    yield opened
    opened.sock.close()


@pytest.fixture
def chain(port: TrapPort) -> Chain:
    """Everything behind the port."""
    return Chain(port)


@pytest.fixture(autouse=True)
def _no_errors() -> Iterator[None]:
    """No error may be logged: each would be an unforeseen one."""
    watching = NoErrors()
    logging.getLogger().addHandler(watching)
    yield
    logging.getLogger().removeHandler(watching)
    assert watching.errors == []


def test_whatever_arrives_nothing_unforeseen_happens(chain: Chain) -> None:
    """Each datagram is counted by a known reason or becomes harmless rows and texts, in under 100 ms."""
    number = seed()
    chance = Random(number)
    payload = b""
    for made in inputs(packet, seconds(SHARE), chance):
        payload, peer = payload if chance.random() < RESENT else made, chance.choice(PEERS)
        try:
            spent_s = cpu_s(lambda payload=payload, peer=peer: chain.take(payload, peer), LIMIT_S)
            assert spent_s < LIMIT_S, f"{spent_s:.3f} s of processor time"
        except Exception as error:
            error.add_note(f"FUZZ_SEED={number}, datagram from {peer}: {kept(payload, 'trap')}")
            raise
    print(f"FUZZ_SEED={number}: {chain.ends['received', '']} datagrams, {len(chain.ends)} ways to end")  # noqa: T201
    assert {stage for stage, _ in chain.ends} >= {"received", "undecodable", "refused", "normalized"}


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False).map(packet))
def test_hypothesis_finds_nothing_either(payload: bytes) -> None:
    """The same, driven by hypothesis, which reduces its findings."""
    (port,) = open_ports((ListenAddress("127.0.0.1", 0),), ())
    with port.sock:
        Chain(port).take(payload)
