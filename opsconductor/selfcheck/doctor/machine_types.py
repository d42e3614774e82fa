"""Findings on configurations of types of machines that match no device or no metric."""

import asyncio
from collections.abc import Sequence

from opsconductor.errors import StoreError
from opsconductor.selfcheck.doctor.finding import DoctorFinding, warning
from opsconductor.store.declared.machine_configurations import MachineUse, read_machine_use
from opsconductor.store.postgres.connection import Pool

AREA = "configuration"
WITHIN_S = 8.0


async def examine_machine_types(pool: Pool) -> list[DoctorFinding]:
    """Return findings on the enabled configurations; none if the database does not answer."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return judge_machine_types(await read_machine_use(pool))
    except (StoreError, TimeoutError):
        return []


def judge_machine_types(found: Sequence[MachineUse]) -> list[DoctorFinding]:
    """Return a finding on each configuration without a device, or with a metric that is not measured."""
    findings = []
    for each in found:
        name = f"machine configuration {each.machine_type}"
        if not each.devices:
            remedy = "compare it with device_type of the devices: opsconductor devices list --output json"
            findings.append(warning(AREA, f"{name}: no device is of this type", remedy))
        elif each.unmeasured:
            text = f"{name}: no device of this type has values of {', '.join(each.unmeasured)}"
            findings.append(warning(AREA, text, "opsconductor series list shows what is measured"))
    return findings
