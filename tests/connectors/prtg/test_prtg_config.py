"""Configuration of PRTG servers: accepted and refused values, and the sample."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from connectors.prtg import TYPE
from connectors.prtg.config import PrtgConfig
from connectors.prtg.state import SensorState
from opsconductor.connector.secret_fields import secret_fields

SAMPLE = Path(__file__).parents[3] / "connectors" / "prtg" / "sample.yaml"
TOKEN = {"url": "https://prtg.example.net", "api_token": "a token"}


def test_the_sample_is_a_configuration() -> None:
    """Every key of the model is in it, set or in a comment."""
    text = SAMPLE.read_text(encoding="utf-8")
    (row,) = yaml.safe_load(text)["connectors"]
    assert row["type"] == TYPE.name
    config = PrtgConfig.model_validate(row["config"])
    assert config.overrides[0].tags == ("lab", "test")
    assert [key for key in PrtgConfig.model_fields if f"{key}:" not in text] == []


def test_every_key_says_what_it_is() -> None:
    """With unit, default and reason in its description."""
    assert [name for name, field in PrtgConfig.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"api_token": None}, "give either api_token, or username and passhash"),
        ({"username": "u", "passhash": "1"}, "give either api_token, or username and passhash"),
        ({"username": "u"}, "are required together"),
        ({"api_token": None, "username": "u", "passhash": "1", "api": "v2"}, "api: v2 requires api_token"),
        ({"url": "https://user:pass@prtg.example.net"}, "must not contain credentials"),
        ({"url": "https://prtg.example.net/?apitoken=x"}, "must not contain credentials"),
        ({"webhook_secret": "short"}, "at least 12"),
        ({"severities": {"up": "info"}}, "severities"),
        ({"severities": {"down": "clear"}}, "severities"),
        ({"overrides": [{"tags": ["lab"]}]}, "severity"),
        ({"poll_interval": 0}, "more than zero"),
        ({"poll_intervall": 60}, "Extra inputs"),
    ],
)
def test_faults_are_refused(values: dict[str, object], expected: str) -> None:
    """In words that name the remedy."""
    with pytest.raises(ValidationError, match=expected):
        PrtgConfig.model_validate({**TOKEN, **values})


def test_secrets_are_known_as_such_and_never_shown() -> None:
    """They are masked wherever a configuration is shown."""
    config = PrtgConfig.model_validate({**TOKEN, "webhook_secret": "a secret of mine"})
    assert "a token" not in repr(config)
    assert "a secret" not in repr(config)
    assert set(secret_fields(PrtgConfig)) == {("api_token",), ("passhash",), ("webhook_secret",)}


def test_paused_sensors_are_wanted_as_soon_as_one_may_be_an_alert() -> None:
    """By its severity or by an override."""

    def wants(**values: object) -> bool:
        return PrtgConfig.model_validate({**TOKEN, **values}).wants_paused

    assert not wants()
    assert wants(severities={"paused": "info"})
    assert wants(overrides=[{"severity": "info", "states": ["paused"]}])
    assert wants(overrides=[{"severity": "info", "tags": ["core"]}])
    assert not wants(overrides=[{"severity": "info", "states": ["down"]}])
    assert not wants(overrides=[{"severity": "ignore"}])


def test_every_problem_has_a_severity() -> None:
    """Each state is a problem with a severity, the end of one, or neither."""
    config = PrtgConfig.model_validate(TOKEN)
    no_problem = {state for state in SensorState if config.severity_of(state) is None}
    assert no_problem == {SensorState.UP, SensorState.NO_PROBE, SensorState.COLLECTING, SensorState.NONE}
