"""Sends the traps of cases as packets through the pipeline and records the outcome of each."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from connectors import SOURCES
from opsconductor.app.configuring.loading import Configuration
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Source
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import Scene
from tests.support.snmp.traps import DEVICE, packet

CASES = Path(__file__).parent / "cases"
UNKNOWN, NOTHING = "unknown_trap", Severity.CLEAR
Normalize = Callable[[Mapping[str, Any], Scene], Sequence[NormalizedAlert]]
_LABEL = re.compile(r"(problem|info|clear)(?: (\w+)\.\.(\w+)| (\d+)(\??))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The expected result of a step.

    Attributes:
        ends: Number of the step whose alert it ends; None: none of this case.
        is_sure: False: it may end that alert or stay unpaired.
        apart: Numbers of steps with another alert.
    """

    role: str
    least: Severity = Severity.INFO
    most: Severity = Severity.CRITICAL
    ends: int | None = None
    is_sure: bool = True
    apart: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of the trap of a step.

    Attributes:
        shown: The highest severity of what the trap opened, repeated or reported; `clear`: it only ended or
            would end something.
        opened: The open alerts that the trap is shown in.
        ended: Numbers of the steps whose alerts it ended.
        is_known: The MIBs that ship define the notification.
        varbinds, named_varbinds: How many the trap has, and of how many the name is known.
    """

    vendor: str
    case: str
    number: int
    label: Label
    is_recorded: bool
    is_mapped: bool
    is_known: bool
    title: str
    message: str
    shown: Severity
    opened: frozenset[UUID]
    ended: frozenset[int]
    varbinds: int
    named_varbinds: int


def label_of(step: Mapping[str, Any]) -> Label:
    """Read the label of a step."""
    found = _LABEL.fullmatch(step["is"])
    if found is None:
        raise ValueError(f"not a label: {step['is']!r}")
    role, least, most, ends, doubt = found.groups()
    return Label(
        role=role,
        least=Severity(least or "info"),
        most=Severity(most or "critical"),
        ends=int(ends) if ends else None,
        is_sure=not doubt,
        apart=tuple(step.get("apart", ())),
    )


def source_of(configuration: Configuration, data_dir: Path) -> Source:
    """Build the trap listener with this configuration."""
    connector_type = SOURCES["snmp_trap"]
    context = ConnectorContext(
        name="traps",
        data_dir=data_dir,
        mappings=lambda: configuration.mappings,
        facts=lambda: configuration.facts,
    )
    source: Source = connector_type.build(connector_type.config.model_validate({}), context)
    return source


def play_all(configuration: Configuration, data_dir: Path) -> Iterator[Outcome]:
    """Play all cases, each with a device and an engine of its own."""
    normalize = partial(_normalize, source_of(configuration, data_dir))
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.load(path.read_bytes(), yaml.CSafeLoader):
            yield from _play(path.stem, case, normalize, configuration.facts)


def _normalize(source: Source, step: Mapping[str, Any], scene: Scene) -> Sequence[NormalizedAlert]:
    raw = RawEvent(connector="traps", payload=packet(step), received_at=scene.now, peer=DEVICE)
    reports = source.normalize(raw)
    assert isinstance(reports, tuple)
    return reports


def _play(vendor: str, case: Mapping[str, Any], normalize: Normalize, facts: MibFacts) -> Iterator[Outcome]:
    scene, step_of = Scene(), dict[UUID, int]()
    for number, step in enumerate(case["steps"], 1):
        reports = normalize(step, scene)
        before = _open(scene)
        scene.send(*reports)
        after = _open(scene)
        touched = frozenset(
            each for each, alert in after.items() if each not in before or alert != before[each]
        )
        for each in touched:
            step_of.setdefault(each, number)
        is_mapped = bool(reports) and all(each.alert_type != UNKNOWN for each in reports)
        varbinds = reports[0].raw_data()["varbinds"] if reports else []
        assert isinstance(varbinds, list)
        yield Outcome(
            vendor=vendor,
            case=case["case"],
            number=number,
            label=label_of(step),
            is_recorded=case["recorded"],
            is_mapped=is_mapped,
            is_known=facts.notification(step["trap"]) is not None,
            title=" | ".join(each.title.format(device_name="core-1") for each in reports),
            message=reports[0].message if reports else "",
            shown=max((each.severity for each in reports), key=SEVERITY_RANK.__getitem__, default=NOTHING),
            opened=touched,
            ended=frozenset(step_of[each] for each in before.keys() - after.keys()),
            varbinds=len(varbinds),
            named_varbinds=sum("name" in each for each in varbinds),
        )
        scene.wait(1)


def _open(scene: Scene) -> dict[UUID, Alert]:
    return {alert.id: alert for alert in scene.rows() if alert.status.is_open}
