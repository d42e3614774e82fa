"""Connections that the daemon itself opens are subject to the settings of outgoing connections as well."""

import asyncio
import contextlib
import socket
from contextlib import AbstractContextManager, aclosing, closing
from ipaddress import ip_network

import pytest
from aiohttp import web

from opsconductor.config.sections.sign_in import LdapSettings, OidcSettings
from opsconductor.config.sections.watch import HeartbeatSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError
from opsconductor.identity.ldap import LdapDirectory
from opsconductor.identity.oidc.provider import OidcProvider
from opsconductor.selfcheck.watch.heartbeat import Heartbeat
from tests.support.notify.hook_server import Hook, hooked

NOT_HERE = Destinations(refused=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


def refused() -> AbstractContextManager[object]:
    """Expect a refusal that names the setting."""
    return pytest.raises(ProviderError, match=r"outgoing\.refused_networks")


async def test_a_directory_or_provider_at_a_refused_address_is_not_asked() -> None:
    """Log-in at a refused address fails with a message that names the setting; nothing is connected to."""
    hook = Hook()
    async with hooked(hook) as port:
        ldap = LdapSettings.model_validate(
            {"url": f"ldap://127.0.0.1:{port}", "base_dn": "dc=example", "start_tls": False}
        )
        with closing(LdapDirectory(ldap, NOT_HERE)) as directory, refused():
            await directory.check()
        oidc = OidcSettings.model_validate(
            {"issuer": f"http://127.0.0.1:{port}", "client_id": "ops", "client_secret": "s"}
        )
        async with aclosing(OidcProvider(oidc, "https://noc.example.org/", NOT_HERE)) as provider:
            with refused():
                await provider.check()
    assert not hook.peers


async def test_a_heartbeat_follows_redirects_only_where_it_may() -> None:
    """The address of each connection is checked, not that of the URL alone."""
    target, hook = Hook(), Hook()
    redirects = Destinations(refused=(ip_network("127.0.0.2/32"),))
    async with hooked(target) as _, hooked(hook) as port:
        with socket.create_server(("127.0.0.2", 0)) as other:
            other.settimeout(0.2)
            where = f"http://127.0.0.2:{other.getsockname()[1]}/"
            hook.answers.append(web.Response(status=302, headers={"Location": where}))
            settings = HeartbeatSettings.model_validate({"every": "1h"})
            beating = asyncio.create_task(
                Heartbeat(settings, redirects, lambda: "").beat(f"http://127.0.0.1:{port}/")
            )
            await hook.asked.wait()
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(other.accept)
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating
