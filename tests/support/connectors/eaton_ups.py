"""A UPS as snmpsim shows it: the values of its MIBs, and the alarms in its table.

Source:
    `tests/snmpsim/eatonups.snmprec` of LibreNMS for what a ConnectUPS card answers; the rest by the MIBs.
"""

from collections.abc import Mapping

XUPS = "1.3.6.1.4.1.534.1"
UPS = "1.3.6.1.2.1.33.1"
EPDU = "1.3.6.1.4.1.534.6.6.7"
UPTIME = "1.3.6.1.2.1.1.3.0"

JOE = (
    "--v3-user=joe",
    "--v3-auth-proto=SHA256",
    "--v3-auth-key=the auth password",
    "--v3-priv-proto=AES",
    "--v3-priv-key=the priv password",
)
AS_JOE = {
    "version": "v3",
    "snmpv3_user": {
        "username": "joe",
        "auth_protocol": "SHA-256",
        "auth_password": "the auth password",
        "priv_protocol": "AES",
        "priv_password": "the priv password",
    },
}

NETWORK_CARD = {
    "1.3.6.1.2.1.1.1.0": "4|Eaton 9PX 6000i",
    "1.3.6.1.2.1.1.2.0": "6|1.3.6.1.4.1.534.1",
    UPTIME: "67|10000000",
}

EATON = {
    **NETWORK_CARD,
    f"{XUPS}.1.1.0": "4|EATON",
    f"{XUPS}.1.2.0": "4|Eaton 9PX 6000i",
    f"{XUPS}.1.3.0": "4|INV: 01.15.0018",
    f"{XUPS}.2.1.0": "2|3540",
    f"{XUPS}.2.2.0": "2|218",
    f"{XUPS}.2.3.0": "2|0",
    f"{XUPS}.2.4.0": "2|100",
    f"{XUPS}.2.5.0": "2|3",
    f"{XUPS}.2.6.0": "4|03/14/2021",
    f"{XUPS}.3.1.0": "2|500",
    f"{XUPS}.3.4.1.2.1": "2|228",
    f"{XUPS}.3.5.0": "2|3",
    f"{XUPS}.4.1.0": "2|35",
    f"{XUPS}.4.2.0": "2|500",
    f"{XUPS}.4.4.1.2.1": "2|230",
    f"{XUPS}.4.4.1.4.1": "2|2100",
    f"{XUPS}.4.5.0": "2|3",
    f"{XUPS}.6.1.0": "2|24",
    f"{XUPS}.6.4.0": "2|41",
    f"{XUPS}.6.5.0": "2|23",
    f"{XUPS}.6.6.0": "2|40",
    f"{XUPS}.6.8.1.3.1": "2|1",
    f"{XUPS}.6.8.1.4.1": "4|Rack door",
    f"{XUPS}.7.1.0": "66|0",
    f"{XUPS}.14.5.0": "4|G123K45678",
}
"""Everything well: on mains, battery full."""

OTHER_MAKE = {
    **NETWORK_CARD,
    "1.3.6.1.2.1.1.1.0": "4|Riello Netman 204",
    f"{UPS}.1.1.0": "4|RPS SpA",
    f"{UPS}.1.2.0": "4|SDH 3000",
    f"{UPS}.2.1.0": "2|2",
    f"{UPS}.2.2.0": "2|0",
    f"{UPS}.2.3.0": "2|42",
    f"{UPS}.2.4.0": "2|98",
    f"{UPS}.2.5.0": "2|813",
    f"{UPS}.2.7.0": "2|27",
    f"{UPS}.3.3.1.2.1": "2|499",
    f"{UPS}.3.3.1.3.1": "2|231",
    f"{UPS}.4.1.0": "2|3",
    f"{UPS}.4.2.0": "2|500",
    f"{UPS}.4.4.1.2.1": "2|230",
    f"{UPS}.4.4.1.5.1": "2|44",
    f"{UPS}.6.1.0": "66|0",
}
"""A UPS of another make that knows RFC 1628 only: everything well."""

RACK_PDU = {
    **NETWORK_CARD,
    f"{EPDU}.1.2.1.2.0": "4|ePDU MA 0U",
    f"{EPDU}.1.2.1.4.0": "4|H1234567",
    f"{EPDU}.1.2.1.30.0": "2|0",
    f"{EPDU}.1.2.1.31.0": "2|0",
    f"{EPDU}.3.1.1.3.0.1": "2|500",
    f"{EPDU}.3.1.1.4.0.1": "2|0",
    f"{EPDU}.3.2.1.3.0.1.1": "2|231400",
    f"{EPDU}.3.2.1.4.0.1.1": "2|0",
    f"{EPDU}.3.3.1.4.0.1.1": "2|4200",
    f"{EPDU}.3.3.1.5.0.1.1": "2|0",
    f"{EPDU}.5.1.1.5.0.1": "2|1",
    f"{EPDU}.5.1.1.5.0.2": "2|1",
    f"{EPDU}.5.3.1.3.0.1": "2|231400",
    f"{EPDU}.5.3.1.4.0.1": "2|0",
    f"{EPDU}.5.4.1.3.0.1": "2|4200",
    f"{EPDU}.5.4.1.4.0.1": "2|0",
    f"{EPDU}.7.1.1.4.0.1": "2|253",
    f"{EPDU}.7.1.1.5.0.1": "2|0",
    f"{EPDU}.7.2.1.4.0.1": "2|412",
    f"{EPDU}.7.2.1.5.0.1": "2|0",
}
"""A rack PDU with one input and two groups: everything well."""


def alarms(begun: Mapping[str, int], *, root: str = f"{XUPS}.7") -> dict[str, str]:
    """Fill the alarm table.

    Args:
        begun: By OID of the alarm: sysUpTime in hundredths of a second when it began. The rows get numbers
            with gaps, as devices give them.
        root: Group of the alarm table.
    """
    values = {f"{root}.1.0": f"66|{len(begun)}"}
    for position, (oid, ticks) in enumerate(begun.items()):
        index = 7 + 3 * position
        values[f"{root}.2.1.1.{index}"] = f"2|{index}"
        values[f"{root}.2.1.2.{index}"] = f"6|{oid}"
        values[f"{root}.2.1.3.{index}"] = f"67|{ticks}"
    return values


def rows_of(count: int, *, root: str = f"{XUPS}.7") -> list[str]:
    """List the OIDs of so many rows of the alarm table."""
    return [f"{root}.2.1.{column}.{7 + 3 * row}" for row in range(count) for column in (1, 2, 3)]
