"""Fixtures of the tests against real services."""

import pytest

from tests.support.certificates import Certificates, make_certificates
from tests.support.smtp_server import Mailbox


@pytest.fixture
def mailbox() -> Mailbox:
    """Give an empty mailbox."""
    return Mailbox()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make an authority and a certificate for localhost."""
    return make_certificates(tmp_path_factory.mktemp("tls"))
