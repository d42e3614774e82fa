"""Ready-made topic rules for what many installations have: the files in `presets/`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, field_validator

from connectors.mqtt.rule import RuleSection, TopicRule
from opsconductor.connector.duration import PositiveDuration

FOLDER = Path(__file__).parent / "presets"
BASE = "BASE"
"""Stands in the topics of a preset for the first levels, which can be configured on the other side."""


class Preset(RuleSection):
    """Stands for the rules of a preset."""

    preset: str
    """Name of a file in `presets/`: `zigbee2mqtt`, `tasmota`, ..."""

    base: str | None = Field(default=None, min_length=1, max_length=500)
    """First levels of the topics, where the other side does not use its defaults. Null (default): it does."""

    device: str | None = None
    """Device of all its rules. Null (default): as each rule says."""

    silence: PositiveDuration | None = None
    """Longest silence, for presets that have rules about silence. Null (default): as each rule says."""

    @field_validator("preset")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in known():
            raise ValueError(f"one of {', '.join(known())}")
        return name

    def rules(self) -> tuple[TopicRule, ...]:
        """List the rules it stands for."""
        document = _read(self.preset)
        base = self.base or document["base"]
        if self.silence is not None and not any("silence" in rule for rule in document["topics"]):
            raise ValueError(
                f"{self.preset} has no rule about silence: what it reads comes only with changes"
            )
        rules = []
        for rule in document["topics"]:
            changed = {**rule, "topic": rule["topic"].replace(BASE, base)}
            if self.device is not None:
                changed["device"] = self.device
            if self.silence is not None and "silence" in rule:
                changed["silence"] = self.silence
            rules.append(TopicRule.model_validate(changed))
        return tuple(rules)


@cache
def known() -> tuple[str, ...]:
    """List the names of all presets."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _read(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document
