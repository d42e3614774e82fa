"""Configuration of connectors of type `acme`."""

from pydantic import BaseModel, ConfigDict, SecretStr

from opsconductor.connector.address import ListenAddress


class AcmeConfig(BaseModel):
    """Where messages are received, and from whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: ListenAddress
    """Address and TCP port (`127.0.0.1:5140`)."""
    token: SecretStr
    """Every message must carry it. Give it by reference: `${env:ACME_TOKEN}`."""
