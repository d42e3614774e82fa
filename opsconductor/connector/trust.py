"""TLS trust of connectors."""

import ssl
from pathlib import Path

from opsconductor.errors import Unreachable


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
