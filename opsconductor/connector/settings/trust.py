"""TLS trust of connectors."""

import ssl
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from opsconductor.errors import Unreachable


class BrokerTls(BaseModel):
    """TLS to a message broker: trusted authorities and client certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    ca_file: Path | None = None
    """PEM file of trusted authorities. Null (default): those of the system."""

    cert_file: Path | None = None
    """PEM file of our client certificate, for brokers that require one. Null (default): none."""

    key_file: Path | None = None
    """PEM file of its key. Null (default): the key is in `cert_file`."""

    key_password: SecretStr | None = None
    """Password of an encrypted key. Null (default): it is not encrypted."""

    verify: bool = True
    """False accepts any certificate: an attacker on the path can read and answer. Prefer `ca_file`."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.cert_file is None and (self.key_file or self.key_password):
            raise ValueError("key_file and key_password require cert_file")
        return self


def tls_context(*, verify: bool, ca_file: Path | None) -> ssl.SSLContext:
    """Return the TLS settings of a client; reads files, so call it in a thread.

    Args:
        verify: False accepts any certificate.
        ca_file: PEM file of the trusted authorities; None: those of the system.

    Raises:
        Unreachable: `ca_file` cannot be used; it may be repaired.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Unreachable(f"ca_file {ca_file} cannot be used: {reason}") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def broker_trust(tls: BrokerTls) -> ssl.SSLContext:
    """Return the TLS settings of a client of a broker; reads files, so call it in a thread.

    Raises:
        Unreachable: A file cannot be used; it may be repaired.
    """
    context = tls_context(verify=tls.verify, ca_file=tls.ca_file)
    if tls.cert_file is not None:
        password = tls.key_password.get_secret_value() if tls.key_password else ""
        try:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: password)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unreachable(f"cert_file {tls.cert_file} cannot be used: {reason}") from error
    return context
