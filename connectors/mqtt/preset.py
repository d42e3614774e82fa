"""Presets: ready-made topic rules for common installations, in the files of `presets/`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, field_validator

from connectors.mqtt.rule import RuleSection, TopicRule
from opsconductor.connector.settings.duration import PositiveDuration

FOLDER = Path(__file__).parent / "presets"
BASE = "BASE"
"""Placeholder in the topics of a preset for the first levels, which can be configured on the other side."""


class Preset(RuleSection):
    """A reference to the rules of a preset."""

    preset: str
    """Name of a file in `presets/`: `zigbee2mqtt`, `tasmota`, ..."""

    base: str | None = Field(default=None, min_length=1, max_length=500)
    """First levels of the topics, if not the defaults of the other side. Null (default): the defaults."""

    device: str | None = None
    """Device of all its rules. Null (default): that of each rule."""

    silence: PositiveDuration | None = None
    """Longest silence, for presets with rules about silence. Null (default): that of each rule."""

    @field_validator("preset")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in known():
            raise ValueError(f"one of {', '.join(known())}")
        return name

    def rules(self) -> tuple[TopicRule, ...]:
        """Return the rules of the preset."""
        document = _read(self.preset)
        base = self.base or document["base"]
        if self.silence is not None and not any("silence" in rule for rule in document["topics"]):
            raise ValueError(
                f"{self.preset} has no rules about silence: its messages are sent on change only"
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
    """Return the names of all presets."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _read(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document
