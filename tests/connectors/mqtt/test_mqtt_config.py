"""Configuration of the MQTT source: the sample, and refusals that name the remedy."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

import connectors.mqtt
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.preset import known
from connectors.mqtt.rule import TopicRule
from opsconductor.model.enums import Category

HERE = Path(connectors.mqtt.__file__).parent
RULE = {"topic": "a/{device}", "alert_type": "network_x", "title": "{device}", "values": {"On": "major"}}


def config(**given: object) -> MqttConfig:
    """Make a configuration with one rule."""
    return MqttConfig.model_validate({"host": "broker", "topics": [RULE], **given})


def test_the_sample_is_valid_and_complete() -> None:
    """It has every key; the connector accepts its values."""
    sample = yaml.safe_load((HERE / "sample.yaml").read_text())
    given = sample["connectors"][0]["config"]
    given["tls"]["key_password"] = "x"
    MqttConfig.model_validate(given)
    left_out = set(MqttConfig.model_fields) - set(given)
    assert left_out == {"share"}


def test_every_key_is_documented() -> None:
    """Each key of configuration and rules is in the README's tables."""
    readme = (HERE / "README.md").read_text()
    keys = set(MqttConfig.model_fields) | set(TopicRule.model_fields)
    assert [key for key in sorted(keys) if f"`{key}`" not in readme] == []


@pytest.mark.parametrize("name", known())
def test_every_preset_is_valid(name: str) -> None:
    """Its rules are read, and their alert types follow their category."""
    rules = config(topics=[{"preset": name}]).rules
    assert rules
    assert all(rule.category_or_default in Category for rule in rules)


def test_defaults_follow_tls() -> None:
    """The usual port, and words of values in any case."""
    assert config().port_or_default == 1883
    assert config(tls={}).port_or_default == 8883
    assert config(port=1).place == "broker:1"
    assert config().rules[0].values == {"on": "major"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"password": "x"}, "password requires username"),
        ({"tls": {"key_file": "x"}}, "require cert_file"),
        ({"keepalive": "1s"}, "between 5s and 10m"),
        ({"host": "user:password@broker"}, "have keys of their own"),
        ({"host": "mqtts://broker"}, "have keys of their own"),
        ({"share": "a/b"}, "without /"),
        ({"topics": []}, "at least 1"),
        ({"topics": [{"preset": "unknown"}]}, "one of eaton, esphome"),
        ({"topics": [{**RULE, "topic": "a/#/b"}]}, "levels separated"),
        ({"topics": [{**RULE, "severity": "major"}]}, "one of severity, values and thresholds"),
        ({"topics": [{**RULE, "values": {}}]}, "one of severity, values and thresholds"),
        ({"topics": [{**RULE, "values": {}, "severity": "clear"}]}, "severity of a problem"),
        ({"topics": [{**RULE, "title": "{unknown}"}]}, "title names {unknown}, which is none of device"),
        ({"topics": [{**RULE, "path": "$.a", "expression": "payload.a"}]}, "either path or expression"),
        ({"topics": [{**RULE, "path": "$..a"}]}, "names one value"),
        ({"topics": [{**RULE, "expression": "1 +"}]}, "an expression such as"),
        ({"topics": [{**RULE, "title": ""}]}, "title is required"),
        ({"topics": [{"preset": "zigbee2mqtt", "silence": "5m"}]}, "no rules about silence"),
        ({"topics": [{"preset": "sparkplug", "device": "{unknown}"}]}, "device names {unknown}"),
        (
            {
                "topics": [
                    {**RULE, "values": {}, "severity": "major", "payload": "sparkplug", "silence": "5m"}
                ]
            },
            "silence requires metric",
        ),
        ({"topics": [{**RULE, "metric": "x"}]}, "metric requires"),
        ({"topics": [{**RULE, "payload": "sparkplug"}]}, "requires severity"),
        ({"topics": [{**RULE, "device": "{payload.x}", "silence": "5m"}]}, "must not depend on the payload"),
        ({"topics": [{**RULE, "alert_type": "odd_thing"}]}, "category is required"),
        ({"topics": [{**RULE, "unknown": 1}]}, "Extra inputs"),
    ],
)
def test_invalid_rules_are_refused(given: dict[str, object], message: str) -> None:
    """Each refusal has the expected value."""
    with pytest.raises(ValidationError, match=message):
        config(**given)


def test_secrets_are_never_shown() -> None:
    """Neither by repr nor as JSON."""
    given = config(username="u", password="hunter22", tls={"cert_file": "c", "key_password": "hunter23"})
    assert "hunter" not in repr(given)
    assert "hunter" not in given.model_dump_json()
