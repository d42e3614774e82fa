"""Validators of third-party configurations that quote a secret in their errors."""

from pathlib import Path
from typing import Literal, Self
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from opsconductor.app.checks import check_row
from opsconductor.app.connectors import specs
from opsconductor.config.provision.provision import read_provision
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import ConfigError
from opsconductor.model.masking import known_secrets
from opsconductor.store.configuration import ConnectorRow
from tests.support.notify.delivering import Recorder
from tests.unit.app.test_connector_faults import installed


class QuotingConfig(BaseModel):
    """A configuration whose validator quotes its secret, in the ways that pydantic offers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr
    way: Literal["error", "assertion", "own"]

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        text = f"the token {self.token.get_secret_value()} is refused"
        if self.way == "own":
            raise PydanticCustomError("refused", text)
        assert self.way != "assertion", text
        raise ValueError(text)


QUOTING = installed(channel_type("failing", QuotingConfig, lambda *_: Recorder()))


@pytest.mark.parametrize("token", ["s3cr3t-t0ken-of-acme", "s3cr3t"])
@pytest.mark.parametrize("way", ["error", "assertion", "own"])
async def test_a_secret_that_a_validator_quotes_is_masked(
    way: str, token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At start, by `connectors check`, and by `apply` and the API; a short one too."""
    monkeypatch.setattr(specs, "installed_types", lambda: QUOTING)
    monkeypatch.setenv("ACME_TOKEN", token)
    config = {"way": way, "token": "${env:ACME_TOKEN}"}
    row = ConnectorRow(id=UUID(int=1), name="mine", type="failing", enabled=False, config=config)
    with pytest.raises(specs.PlanError) as refused:
        specs.plan_of(row, lambda _: "")
    checked = await check_row(row, lambda _: "", ConnectorContext(name="mine", data_dir=tmp_path))
    declared = tmp_path / "acme.yaml"
    declared.write_text(
        f"connectors: [{{name: mine, type: failing, config: {{way: {way}, token: {token}}}}}]"
    )
    with pytest.raises(ConfigError) as rejected:
        read_provision([declared], QUOTING)
    for text in (str(refused.value), checked.message, str(rejected.value)):
        assert "the token *** is refused" in text
        assert token not in text


def test_secrets_are_known_before_validators_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a validator logs is masked as well."""
    monkeypatch.setattr(specs, "installed_types", lambda: QUOTING)
    config = {"way": "error", "token": "a-t0ken-that-is-logged"}
    with pytest.raises(specs.PlanError):
        specs.plan_of(
            ConnectorRow(id=UUID(int=1), name="mine", type="failing", enabled=False, config=config),
            lambda _: "",
        )
    assert known_secrets.hide("login a-t0ken-that-is-logged") == "login ***"
