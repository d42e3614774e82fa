"""Sends a trap and an inform with pysnmp as each user: `pysnmp_sender.py PORT AUTH/PRIV...`.

The exit code is the number of those that failed.
"""

import asyncio
import sys

from pysnmp.hlapi.v3arch import asyncio as pysnmp

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
AUTH_PROTOCOLS = {
    "MD5": pysnmp.USM_AUTH_HMAC96_MD5,
    "SHA-512": pysnmp.USM_AUTH_HMAC384_SHA512,
}
PRIV_PROTOCOLS = {
    "3DES": pysnmp.USM_PRIV_CBC168_3DES,
    "DES": pysnmp.USM_PRIV_CBC56_DES,
    "AES-256": pysnmp.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES-256-C": pysnmp.USM_PRIV_CFB256_AES,
}


async def send(name: str, port: int) -> int:
    """Send a trap and an inform as the user `AUTH/PRIV`, named by its protocols; return how many failed.

    Both are sent by one engine: most of the time of a message is the start of its engine.
    """
    auth, priv = name.split("/")
    engine = pysnmp.SnmpEngine()
    user = pysnmp.UsmUserData(
        name,
        "authentic pass",
        "private pass",
        authProtocol=AUTH_PROTOCOLS[auth],
        privProtocol=PRIV_PROTOCOLS[priv],
    )
    failed = 0
    for kind in ("trap", "inform"):
        target = await pysnmp.UdpTransportTarget.create(("127.0.0.1", port), timeout=5, retries=0)
        note = pysnmp.NotificationType(pysnmp.ObjectIdentity(LINK_DOWN))
        error, *_ = await pysnmp.send_notification(engine, user, target, pysnmp.ContextData(), kind, note)
        if error:
            failed += 1
            sys.stderr.write(f"{kind} {name}: {error}\n")
    engine.close_dispatcher()
    return failed


async def send_all(port: int, names: list[str]) -> int:
    """Send as every user, one after another."""
    return sum([await send(name, port) for name in names])


if __name__ == "__main__":
    sys.exit(asyncio.run(send_all(int(sys.argv[1]), sys.argv[2:])))
