"""Measured values of a poll, recorded as series; pure."""

from collections.abc import Iterator
from datetime import datetime

from connectors.snmp_poll.definition import CheckDefinition
from connectors.snmp_poll.reading import PolledSample
from connectors.snmp_poll.rows import PolledRows
from opsconductor.model.measured.measurement import Measurement
from opsconductor.snmp.message.plausible import NoValue, within


def measured(
    check: CheckDefinition,
    sample: PolledSample,
    before: PolledSample | None,
    *,
    address: str,
    name: str | None,
    at: datetime,
) -> Iterator[Measurement]:
    """Yield the numbers of a sample that the check records; what is unknown or implausible is left out.

    Args:
        before: The sample before this one, for rates; None: there is none, or the device has restarted.
        address: Address of the device.
        name: Its name, if known.
        at: Time of the poll.
    """
    if not check.recorded:
        return
    rows = PolledRows(check, sample, before)
    for wanted in check.recorded:
        for index, row in rows.of(wanted):
            if wanted.where and wanted.where.of(row) is not True:
                continue
            value = wanted.value.of(row)
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            if wanted.possible and isinstance(within(float(value), *wanted.possible, ""), NoValue):
                continue
            yield Measurement(
                metric=wanted.record.metric,
                value=float(value),
                at=at,
                device_ip=address,
                device_name=name,
                resource=wanted.resource_template({**row.values, "index": index}),
                unit=wanted.record.unit,
                kind=wanted.record.kind,
            )
