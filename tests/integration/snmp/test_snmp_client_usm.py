"""The SNMP client against net-snmp's own agent: every way to sign and encrypt that the client has."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from opsconductor.errors import Rejected
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.security.access import SnmpAccess
from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol
from tests.support.snmp.snmpd import snmpd

UP_TIME = "1.3.6.1.2.1.1.3.0"
PASSWORDS = "the-auth-password", "the-priv-password"
PAIRS = [
    *itertools.product(AuthProtocol, [None, PrivProtocol.AES]),
    *itertools.product([AuthProtocol.MD5, AuthProtocol.SHA, AuthProtocol.SHA512], PrivProtocol),
]
ASKED = sorted({pair for pair in PAIRS if pair[1] is not PrivProtocol.TRIPLE_DES}, key=str)


def name_of(auth: AuthProtocol, priv: PrivProtocol | None) -> str:
    """Name a user by its protocols."""
    return f"{auth}-{priv or 'plain'}"


def line_of(auth: AuthProtocol, priv: PrivProtocol | None) -> str:
    """Declare a user to snmpd."""
    name, words = name_of(auth, priv), f"{priv} {PASSWORDS[1]}" if priv else ""
    level = "priv" if priv else "auth"
    return f"createUser {name} {auth} {PASSWORDS[0]} {words}\nrouser {name} {level}\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run snmpd with a user for each pair of protocols."""
    with snmpd(tmp_path_factory.mktemp("snmpd"), "".join(itertools.starmap(line_of, ASKED))) as running:
        yield running


def access(auth: AuthProtocol, priv: PrivProtocol | None, **keys: Any) -> SnmpAccess:
    """Make the access of a user."""
    user: dict[str, object] = {"username": name_of(auth, priv)}
    user |= {"auth_protocol": auth, "auth_password": PASSWORDS[0]}
    if priv:
        user |= {"priv_protocol": priv, "priv_password": PASSWORDS[1]}
    return SnmpAccess.model_validate(
        {"version": "v3", "timeout": 2, "retries": 0, "snmpv3_user": {**user, **keys}}
    )


@pytest.mark.parametrize(("auth", "priv"), ASKED)
async def test_a_user_reads(port: int, auth: AuthProtocol, priv: PrivProtocol | None) -> None:
    """Signed and encrypted in each way, keys stretched as net-snmp does it."""
    async with SnmpClient("127.0.0.1", port, access(auth, priv)) as client:
        found = await client.get([UP_TIME, f"{UP_TIME}.9"])
    assert isinstance(found[UP_TIME], int)
    assert found[f"{UP_TIME}.9"] is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"username": "unknown"}, "does not know the user"),
        ({"auth_password": "another password"}, "rejects the signature"),
        ({"priv_password": "another password"}, "not to encrypted requests"),
        ({"priv_protocol": None, "priv_password": ""}, "denies access to the user"),
    ],
)
async def test_net_snmp_says_why_it_refuses(port: int, keys: dict[str, Any], message: str) -> None:
    """Where it does not answer, because it cannot decrypt, the silence differs from that of a dead device."""
    how = access(AuthProtocol.SHA256, PrivProtocol.AES, **keys)
    how = how.model_copy(update={"timeout": how.timeout / 4})
    with pytest.raises(Rejected, match=message):
        async with SnmpClient("127.0.0.1", port, how) as client:
            await client.get([UP_TIME])
