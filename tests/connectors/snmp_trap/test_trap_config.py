"""The trap listener's configuration: defaults, spellings, and messages of faults."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from connectors.snmp_trap import TYPE
from connectors.snmp_trap.config import SnmpTrapConfig
from opsconductor.snmp.security.security import PrivProtocol, SecurityLevel, auth_protocol, priv_protocol

USER = {
    "username": "noc",
    "auth_protocol": "sha256",
    "auth_password": "authentic pass",
    "priv_protocol": "aes-256",
    "priv_password": "private pass",
}


def test_defaults() -> None:
    """Without any key: port 1162, community public, every address, no SNMPv3, no forwarder."""
    config = SnmpTrapConfig()
    assert [str(address) for address in config.listen] == ["0.0.0.0:1162"]
    assert [community.get_secret_value() for community in config.communities] == ["public"]
    assert (config.networks, config.snmpv3_users, config.trusted_forwarders) == ((), (), ())
    assert config.receive_buffer_bytes == 16 * 1024 * 1024


def test_the_sample_is_valid() -> None:
    """The example beside the README is a configuration that the listener takes."""
    sample = Path(__file__).parents[3] / "connectors" / "snmp_trap" / "sample.yaml"
    (connector,) = yaml.safe_load(sample.read_text())["connectors"]
    assert connector["type"] == TYPE.name
    assert len(TYPE.config.model_validate(connector["config"]).model_fields_set) == 5


def test_a_user_becomes_one_of_the_security_model() -> None:
    """Names of protocols are read in any usual spelling; the level follows from the passwords."""
    (user,) = SnmpTrapConfig.model_validate({"snmpv3_users": [USER]}).snmpv3_users
    usm_user = user.as_usm_user()
    assert usm_user.priv_protocol is PrivProtocol.AES256
    assert usm_user.level is SecurityLevel.AUTH_PRIV
    assert usm_user.priv_password == "private pass"


def test_the_configuration_survives_json_without_its_secrets() -> None:
    """The stored and shown form reads back, and has no password and no community."""
    config = SnmpTrapConfig.model_validate(
        {"listen": ["[::]:162"], "networks": ["10.0.0.0/8"], "snmpv3_users": [USER]}
    )
    shown = config.model_dump(mode="json")
    assert shown["listen"] == ["[::]:162"]
    assert shown["snmpv3_users"][0]["auth_protocol"] == "SHA-256"
    assert "pass" not in repr(config).replace("_password", "")
    assert "public" not in repr(config)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("AES", "AES"),
        ("aes128", "AES"),
        ("AES-128", "AES"),
        ("aes_192", "AES-192"),
        ("AES256C", "AES-256-C"),
        ("3des", "3DES"),
        ("3DES-EDE", "3DES"),
        ("des", "DES"),
    ],
)
def test_spellings_of_ciphers(spelling: str, name: str) -> None:
    """Devices and tools spell the same cipher differently."""
    assert priv_protocol(spelling).value == name


@pytest.mark.parametrize(
    ("spelling", "name"), [("sha1", "SHA"), ("SHA-1", "SHA"), ("sha512", "SHA-512"), ("Md5", "MD5")]
)
def test_spellings_of_signatures(spelling: str, name: str) -> None:
    """As for ciphers."""
    assert auth_protocol(spelling).value == name


FAULTS = {
    "short password": (
        {"snmpv3_users": [{**USER, "auth_password": "short"}]},
        "auth_password has 5 characters",
    ),
    "no password": ({"snmpv3_users": [{**USER, "priv_password": ""}]}, "priv_password has 0 characters"),
    "password without protocol": (
        {"snmpv3_users": [{"username": "a", "auth_password": "password"}]},
        "auth_password is given but auth_protocol is not",
    ),
    "encryption without signature": (
        {"snmpv3_users": [{"username": "a", "priv_protocol": "AES", "priv_password": "password"}]},
        "priv_protocol needs auth_protocol",
    ),
    "unknown cipher": (
        {"snmpv3_users": [{**USER, "priv_protocol": "ROT13"}]},
        "unknown protocol 'ROT13', expected one of DES, 3DES, AES",
    ),
    "no name": ({"snmpv3_users": [{**USER, "username": ""}]}, "at least 1 character"),
    "no port": ({"listen": ["0.0.0.0"]}, "expected an address and port such as"),
    "nowhere": ({"listen": []}, "at least 1 item"),
    "twice": ({"listen": ["0.0.0.0:162", "0.0.0.0:162"]}, "listen names 0.0.0.0:162 twice"),
    "host bits": ({"networks": ["10.1.2.3/8"]}, "network"),
    "unknown key": ({"community": "public"}, "Extra inputs are not permitted"),
    "small buffer": ({"receive_buffer_bytes": 1}, "greater than or equal to 65536"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_are_reported_without_secrets(case: str) -> None:
    """Every fault has the expected value; no message repeats a password."""
    config, expected = FAULTS[case]
    with pytest.raises(ValidationError) as caught:
        SnmpTrapConfig.model_validate(config)
    texts = [error["msg"] for error in caught.value.errors(include_input=False)]
    assert any(expected.removeprefix("expected an ") in text for text in texts), texts
    assert not any("private pass" in text for text in texts)
