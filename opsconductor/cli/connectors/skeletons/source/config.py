"""Configuration of connectors of type `acme`."""

from pydantic import BaseModel, ConfigDict, SecretStr

from opsconductor.connector.settings.address import ListenAddress


class AcmeConfig(BaseModel):
    """Listen address, and the token that senders must use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: ListenAddress
    """Address and TCP port (`127.0.0.1:5140`)."""
    token: SecretStr
    """Token that every message must contain. Give it by reference: `${env:ACME_TOKEN}`."""
