"""The UPS poller's configuration, checked without the network."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from connectors import eaton
from connectors.eaton.config import EatonConfig
from opsconductor.config.provision.crosscheck import STAND_IN


def test_the_sample_is_a_whole_configuration() -> None:
    """The sample loads and names every key that there is."""
    sample = yaml.safe_load((Path(eaton.__file__).parent / "sample.yaml").read_text())
    (declared,) = sample["connectors"]
    for target in declared["config"]["targets"]:
        if user := target.get("snmpv3_user"):
            user.update(auth_password=STAND_IN, priv_password=STAND_IN)
    config = EatonConfig.model_validate(declared["config"])
    assert config.targets[1].poll_interval is not None
    assert set(declared["config"]) == set(EatonConfig.model_fields)
    assert set(declared["config"]["thresholds"]) == set(type(config.thresholds).model_fields)
    assert {key for target in declared["config"]["targets"] for key in target} == set(
        type(config.targets[0]).model_fields
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "Field required"),
        ({"targets": []}, "at least 1 item"),
        ({"targets": [{"ip": "ups-1"}]}, "not a valid IPv4 address"),
        ({"targets": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.1", "port": 1161}]}, "names 10.0.0.1 twice"),
        ({"targets": [{"ip": "10.0.0.1", "port": 0}]}, "greater than or equal to 1"),
        ({"targets": [{"ip": "10.0.0.1", "version": "v3"}]}, "requires version: v3"),
        ({"targets": [{"ip": "10.0.0.1", "mib": "xups"}]}, "Extra inputs"),
        (
            {"targets": [{"ip": "10.0.0.1"}], "thresholds": {"battery_capacity_critical": 30}},
            "must be less than battery_capacity_low",
        ),
        (
            {"targets": [{"ip": "10.0.0.1"}], "thresholds": {"load_critical": 80}},
            "must be more than load_warning",
        ),
        ({"targets": [{"ip": "10.0.0.1"}], "poll_interval": 0}, "more than zero"),
    ],
)
def test_faults_are_reported(config: dict[str, Any], message: str) -> None:
    """Each fault has the expected value."""
    with pytest.raises(ValidationError, match=message):
        EatonConfig.model_validate(config)


def test_a_community_is_never_shown() -> None:
    """Neither repr nor JSON of the configuration shows a secret."""
    config = EatonConfig.model_validate({"targets": [{"ip": "10.0.0.1", "community": "hidden-word"}]})
    assert "hidden-word" not in repr(config) + config.model_dump_json()
