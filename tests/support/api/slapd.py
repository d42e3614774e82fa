"""A real LDAP server (OpenLDAP's slapd) with people and groups, for a test."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from opsconductor.config.sections.sign_in import LdapSettings
from tests.support.certificates import make_certificates
from tests.support.ports import free_port

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.pem
database mdb
suffix dc=example,dc=org
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=cn=reader,dc=example,dc=org read by self read by * none
"""

PEOPLE = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: cn=reader,dc=example,dc=org
objectClass: person
cn: reader
sn: reader
userPassword: reader secret

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=anna,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: anna
cn: Anna Berg
sn: Berg
mail: anna@example.org
userPassword: anna secret

dn: uid=bo*,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bo*
cn: Bo
sn: Bo
userPassword: bo secret

dn: cn=noc,dc=example,dc=org
objectClass: groupOfNames
cn: noc
member: uid=anna,ou=people,dc=example,dc=org

dn: cn=all,dc=example,dc=org
objectClass: groupOfNames
cn: all
member: cn=noc,dc=example,dc=org

dn: ou=elsewhere,dc=example,dc=org
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/dc=elsewhere
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slapd:
    """A running server.

    Attributes:
        settings: With which it can be used: search and bind over StartTLS.
    """

    url: str
    secure_url: str
    settings: LdapSettings

    def changed(self, **values: object) -> LdapSettings:
        """Return the settings with other values."""
        return LdapSettings.model_validate({**self.settings.model_dump(), **values})

    def modify(self, ldif: str) -> None:
        """Change entries, as an administrator of the directory does."""
        connect = ["-H", self.url, "-x", "-D", "cn=admin,dc=example,dc=org", "-w", "admin secret"]
        subprocess.run(["ldapmodify", *connect], input=ldif, text=True, check=True, capture_output=True)


@contextmanager
def running_slapd(folder: Path) -> Iterator[Slapd]:
    """Run a server on loopback, with a certificate of a private authority."""
    certificates = make_certificates(folder)
    (folder / "data").mkdir()
    admin = 'rootdn "cn=admin,dc=example,dc=org"\nrootpw "admin secret"\n'
    (folder / "slapd.conf").write_text(CONFIG.format(folder=folder) + admin)
    load = ["slapadd", "-f", folder / "slapd.conf"]
    subprocess.run(load, input=PEOPLE, text=True, check=True, capture_output=True)
    port, secure_port = free_port(), free_port()
    listen = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{secure_port}"
    run = ["slapd", "-f", folder / "slapd.conf", "-h", listen, "-d", "0"]
    with subprocess.Popen(run, stderr=subprocess.DEVNULL) as server:
        try:
            _await_answer(port, server)
            yield _slapd(port, secure_port, certificates.ca_file)
        finally:
            server.terminate()


def _slapd(port: int, secure_port: int, ca_file: Path) -> Slapd:
    url = f"ldap://localhost:{port}"
    values = {
        "url": url,
        "ca_file": ca_file,
        "bind_dn": "cn=reader,dc=example,dc=org",
        "bind_password": "reader secret",
        "base_dn": "dc=example,dc=org",
        "group_filter": "(member={dn})",
        "group_roles": {"noc": ["operator"]},
    }
    settings = LdapSettings.model_validate(values)
    return Slapd(url=url, secure_url=f"ldaps://localhost:{secure_port}", settings=settings)


def _await_answer(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 20
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("slapd has ended, or does not answer")
