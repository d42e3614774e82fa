"""Configuration of the NetBox inventory: accepted values, and messages about refused ones."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import connectors
from connectors.netbox.config import NetboxConfig
from opsconductor.config.secrets import is_reference

PLAIN = {"url": "https://netbox.example.net", "token": "nbt_key.hidden-1"}


def test_the_sample_is_valid() -> None:
    """The sample is valid, and has every key; its secrets are references."""
    sample = yaml.safe_load((Path(connectors.__file__).parent / "netbox" / "sample.yaml").read_text())
    [declared] = sample["connectors"]
    config = connectors.INVENTORIES[declared["type"]].config.model_validate(declared["config"])
    assert set(declared["config"]) == set(NetboxConfig.model_fields)
    for secret in ("token", "webhook_secret"):
        assert is_reference(declared["config"][secret])
        assert declared["config"][secret] not in repr(config)


def test_the_readme_names_every_key() -> None:
    """Each key has a line in the table of README.md."""
    readme = (Path(connectors.__file__).parent / "netbox" / "README.md").read_text()
    assert [key for key in NetboxConfig.model_fields if f"`{key}`" not in readme] == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"url": "https://me:secret@netbox.example.net"}, "scheme, host, port and path only"),
        ({"url": "https://netbox.example.net/?a=b"}, "scheme, host, port and path only"),
        ({"url": "netbox"}, "url"),
        ({"token": "Token 0123"}, "must be only the token"),
        ({"token": ""}, "token"),
        ({"token": "abc\ndef"}, "must be only the token"),
        ({"sync_interval": "1s"}, "at least 5s"),
        ({"changes_interval": 0}, "more than zero"),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"role_ranks": {"core": -1}}, "role_ranks"),
        ({"interval": "1m"}, "interval"),
    ],
)
def test_faults_are_reported(config: dict[str, Any], words: str) -> None:
    """Each fault names the key or the remedy, and never a secret."""
    with pytest.raises(ValidationError, match=words) as caught:
        NetboxConfig.model_validate({**PLAIN, **config})
    assert "hidden-1" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://netbox.example.net/nb", "https://netbox.example.net/nb/api/"])
def test_the_base_path_is_kept(url: str) -> None:
    """NetBox may live below a path; `/api` at its end does no harm."""
    config = NetboxConfig.model_validate({**PLAIN, "url": url})
    assert config.root == "https://netbox.example.net/nb"
    assert config.place == "https://netbox.example.net:443"
