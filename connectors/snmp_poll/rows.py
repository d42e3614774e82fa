"""Inputs of the formulas of a check: the rows of a sample with their rates."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.snmp_poll.definition import CheckDefinition, CheckPart
from connectors.snmp_poll.formula import Row
from connectors.snmp_poll.reading import PolledSample, Read

NOTHING: Mapping[str, Read] = {}


class PolledRows:
    """PolledRows of one sample of a check.

    Args of the constructor:
        before: The sample before this one, for rates; None: there is none, or the device has restarted.
    """

    def __init__(self, check: CheckDefinition, sample: PolledSample, before: PolledSample | None) -> None:
        self._check = check
        self._sample = sample
        self._rates = _rates(check, sample, before)

    def of(self, wanted: CheckPart) -> Iterator[tuple[str, Row]]:
        """Yield index and row of all that a part of the check applies to; "" is the device as a whole."""
        sample = self._sample
        if wanted.is_about_all or not self._check.columns:
            implausible = sample.implausible.get("", {})
            rates = self._rates.get("", {})
            yield "", Row(values=sample.scalars, rates=rates, tables=_tables(sample), implausible=implausible)
            return
        for index, columns in sample.rows.items():
            implausible = {**sample.implausible.get("", {}), **sample.implausible.get(index, {})}
            values = {**sample.scalars, **columns}
            yield index, Row(values=values, rates=self._rates.get(index, {}), implausible=implausible)


def _rates(
    check: CheckDefinition, sample: PolledSample, before: PolledSample | None
) -> Mapping[str, Mapping[str, float]]:
    """Return changes per second by index; a counter that decreased has no rate."""
    if not check.rated or before is None or sample.at_s <= before.at_s:
        return {}
    lasted_s = sample.at_s - before.at_s
    rates: dict[str, dict[str, float]] = {}
    for index, values in {"": sample.scalars, **sample.rows}.items():
        earlier = before.scalars if index == "" else before.rows.get(index, NOTHING)
        for name in check.rated:
            now, then = values.get(name), earlier.get(name)
            if isinstance(now, int) and isinstance(then, int) and now >= then:
                rates.setdefault(index, {})[name] = (now - then) / lasted_s
    return rates


def _tables(sample: PolledSample) -> Mapping[str, Sequence[float]]:
    tables: dict[str, list[float]] = {}
    for values in sample.rows.values():
        for name, value in values.items():
            if isinstance(value, int | float):
                tables.setdefault(name, []).append(value)
    return tables
