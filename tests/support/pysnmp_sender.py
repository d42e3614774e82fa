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


async def send(kind: str, name: str, port: int) -> bool:
    """Send one notification as the user `AUTH/PRIV`, named by its protocols; True: it failed."""
    auth, priv = name.split("/")
    engine = pysnmp.SnmpEngine()
    user = pysnmp.UsmUserData(
        name,
        "authentic pass",
        "private pass",
        authProtocol=AUTH_PROTOCOLS[auth],
        privProtocol=PRIV_PROTOCOLS[priv],
    )
    target = await pysnmp.UdpTransportTarget.create(("127.0.0.1", port), timeout=5, retries=0)
    notification = pysnmp.NotificationType(pysnmp.ObjectIdentity(LINK_DOWN))
    error, *_ = await pysnmp.send_notification(engine, user, target, pysnmp.ContextData(), kind, notification)
    engine.close_dispatcher()
    if error:
        sys.stderr.write(f"{kind} {name}: {error}\n")
    return bool(error)


async def send_all(port: int, names: list[str]) -> int:
    """Send as every user, one after another."""
    return sum([await send(kind, name, port) for name in names for kind in ("trap", "inform")])


if __name__ == "__main__":
    sys.exit(asyncio.run(send_all(int(sys.argv[1]), sys.argv[2:])))
