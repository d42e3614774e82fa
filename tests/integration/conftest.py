"""Fixtures of the tests against real services."""

from collections.abc import Iterator

import pytest

from opsconductor.store.access import passwords
from tests.support.certificates import Certificates, make_certificates
from tests.support.notify.smtp_server import Mailbox


@pytest.fixture(autouse=True, scope="module")
def _light_hashes() -> Iterator[None]:
    """Hash passwords with little memory: tests/unit/store/test_passwords.py shows the cost of a real hash.

    That is a quarter of a second each time that somebody is made or logs in.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 64)
        patch.setattr(passwords, "ITERATIONS", 1)
        yield


@pytest.fixture
def mailbox() -> Mailbox:
    """Provide an empty mailbox."""
    return Mailbox()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make an authority and a certificate for localhost."""
    return make_certificates(tmp_path_factory.mktemp("tls"))
