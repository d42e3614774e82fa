"""Error messages of broker connections, each with a remedy."""

import socket
import ssl

from paho.mqtt.reasoncodes import ReasonCode

from opsconductor.errors import ConnectorError, Rejected, Unreachable

PROTOCOL_VERSION, CLIENT_ID, PASSWORD, NOT_AUTHORIZED, BANNED = 132, 133, 134, 135, 138
TAKEN_OVER, TOO_LARGE, SHUTTING_DOWN = 142, 149, 139
"""Reason codes of MQTT 5 section 2.4; paho maps those of 3.1.1 to them."""

REMEDIES = {
    PROTOCOL_VERSION: "it does not support this version of MQTT: change protocol",
    CLIENT_ID: "it does not accept the client_id",
    PASSWORD: "username or password is wrong: check username and password",
    NOT_AUTHORIZED: "not authorized: check username, password and the broker's access list",
    BANNED: "this client is banned",
    TAKEN_OVER: "another client has connected with the same client_id: give each daemon its own",
}
FOR_GOOD = frozenset({PROTOCOL_VERSION, CLIENT_ID, PASSWORD, NOT_AUTHORIZED, BANNED})


def failure_of(place: str, error: OSError) -> Unreachable:
    """Return the error for a connection that cannot be established."""
    if isinstance(error, socket.gaierror):
        return Unreachable(f"{place}: the name cannot be resolved ({error.strerror}): check host")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"{place} has a certificate that is not trusted: {error.verify_message}: check tls.ca_file"
        )
    if isinstance(error, ssl.SSLError):
        reason = error.reason or type(error).__name__
        return Unreachable(f"{place} does not speak TLS as expected ({reason}): check port and tls")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{place} refuses the connection: check that the broker is running, and port")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Unreachable(f"{place} closes the connection at once: check port and tls")
    return Unreachable(f"{place} cannot be connected: {error.strerror or error or type(error).__name__}")


def refusal_of(place: str, reason: ReasonCode) -> ConnectorError:
    """Return the error for a broker that refuses or disconnects us."""
    kind = Rejected if reason.value in FOR_GOOD else Unreachable
    text = REMEDIES.get(reason.value, str(reason))
    return kind(f"{place} refuses us: {text}")


def silent(place: str, seconds: float) -> Unreachable:
    """Return the error for a timeout."""
    return Unreachable(f"{place} does not answer within {seconds:g} s")


def hung_up(place: str, *, is_tls: bool) -> Unreachable:
    """Return the error for a broker that closes the connection instead of sending CONNACK."""
    remedy = "it may require a client certificate: check tls.cert_file" if is_tls else "it may require TLS"
    return Unreachable(f"{place} closes the connection instead of answering: {remedy}")
