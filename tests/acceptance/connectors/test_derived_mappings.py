"""Traps of an imported MIB: named, rated and paired by what is derived from it, with nothing declared."""

import json
from pathlib import Path

from tests.support.daemons.daemon import Daemon, running

ACME = "1.3.6.1.4.1.99999"
FAILED, RESTORED, ODD = (f"{ACME}.1.0.{number}" for number in (1, 2, 3))
MIB = """
ACME-POWER-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, enterprises FROM SNMPv2-SMI;
acmePowerMIB MODULE-IDENTITY LAST-UPDATED "202401020304Z" ORGANIZATION "Acme" CONTACT-INFO "x"
    DESCRIPTION "Power supplies." ::= { enterprises 99999 1 }
acmePsuTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmePsuEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Table." ::= { acmePowerMIB 1 }
acmePsuEntry OBJECT-TYPE SYNTAX AcmePsuEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Row." INDEX { acmePsuIndex } ::= { acmePsuTable 1 }
AcmePsuEntry ::= SEQUENCE { acmePsuIndex Integer32, acmePsuVolts Integer32 }
acmePsuIndex OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Number." ::= { acmePsuEntry 1 }
acmePsuVolts OBJECT-TYPE SYNTAX Integer32 UNITS "V" MAX-ACCESS read-only STATUS current
    DESCRIPTION "Voltage." ::= { acmePsuEntry 2 }
acmePowerTraps OBJECT IDENTIFIER ::= { acmePowerMIB 0 }
acmePsuFailed NOTIFICATION-TYPE OBJECTS { acmePsuVolts } STATUS current
    DESCRIPTION "A power supply has failed." ::= { acmePowerTraps 1 }
acmePsuRestored NOTIFICATION-TYPE OBJECTS { acmePsuVolts } STATUS current
    DESCRIPTION "A power supply works again." ::= { acmePowerTraps 2 }
acmeThingRecovered NOTIFICATION-TYPE OBJECTS { acmePsuVolts } STATUS current
    DESCRIPTION "Something." ::= { acmePowerTraps 3 }
END
"""


def volts(psu: int, value: int) -> tuple[str, str, str]:
    """Report the voltage of a power supply."""
    return f"{ACME}.1.1.1.2.{psu}", "i", str(value)


async def test_a_trap_of_an_imported_mib_is_an_alert_that_its_clear_ends(
    daemon: Daemon, tmp_path: Path
) -> None:
    """Import and reload activate the mappings; the clear of one power supply leaves the other one open.

    Removing the module takes its mappings out, and a suggestion that is confirmed is in force.
    """
    mib = tmp_path / "acme-power.mib"
    mib.write_text(MIB)
    async with running(daemon):
        await daemon.run("mib", "import", str(mib))
        await daemon.run("reload")
        for psu in (1, 2):
            await daemon.trap(FAILED, *volts(psu, 0))
        found = await daemon.alerts_when(lambda alerts: len(alerts) == 2)
        assert {
            (each["title"], each["severity"], each["alert_type"], each["category"]) for each in found
        } == {
            (f"PSU Failed - 127.0.0.1 psuIndex={psu}", "major", "power_psu_failed", "power") for psu in (1, 2)
        }
        await daemon.trap(RESTORED, *volts(2, 230))
        await daemon.alerts_when(
            lambda alerts: (
                {(each["resource"], each["status"]) for each in alerts}
                == {("psuIndex=1", "active"), ("psuIndex=2", "resolved")}
            )
        )

        listed = json.loads(await daemon.run("mappings", "list", "--json", "ACME-POWER-MIB"))
        assert [(each["name"], each["origin"]) for each in listed["mappings"]] == [
            ("acmePsuFailed", "derived"),
            ("acmePsuRestored", "derived"),
            ("acmeThingRecovered", "suggestion"),
        ]
        written = await daemon.run("mappings", "confirm", "ACME-POWER-MIB::acmeThingRecovered")
        assert "resource_expression: psuIndex={acmePsuVolts#}" in written
        await daemon.run("reload")
        assert "own" in await daemon.run("mappings", "list", ODD)

        await daemon.run("mib", "remove", "ACME-POWER-MIB")
        await daemon.run("reload")
        await daemon.trap(FAILED, *volts(3, 0))
        unmapped = await daemon.alerts_when(
            lambda alerts: any(each["alert_type"] == "unknown_trap" for each in alerts)
        )
        assert len(unmapped) == 3
