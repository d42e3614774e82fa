"""Says what is wrong with a broker, and what to do about it."""

import socket
import ssl

from paho.mqtt.reasoncodes import ReasonCode

from opsconductor.errors import ConnectorError, Rejected, Unreachable

PROTOCOL_VERSION, CLIENT_ID, PASSWORD, NOT_AUTHORIZED, BANNED = 132, 133, 134, 135, 138
TAKEN_OVER, TOO_LARGE, SHUTTING_DOWN = 142, 149, 139
"""Reason codes of MQTT 5 section 2.4; paho translates those of 3.1.1 into them."""

REMEDIES = {
    PROTOCOL_VERSION: "it does not speak this version of MQTT: change protocol",
    CLIENT_ID: "it does not accept our client_id",
    PASSWORD: "user name or password is wrong: look at username and password",
    NOT_AUTHORIZED: "we are not authorized: look at username, password and the broker's access list",
    BANNED: "we are banned",
    TAKEN_OVER: "another client has connected under our client_id: give each daemon its own",
}
FOR_GOOD = frozenset({PROTOCOL_VERSION, CLIENT_ID, PASSWORD, NOT_AUTHORIZED, BANNED})


def failure_of(place: str, error: OSError) -> Unreachable:
    """Say why no connection comes about."""
    if isinstance(error, socket.gaierror):
        return Unreachable(f"{place}: the name cannot be resolved ({error.strerror}): look at host")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"{place} shows a certificate that is not trusted: {error.verify_message}: look at tls.ca_file"
        )
    if isinstance(error, ssl.SSLError):
        reason = error.reason or type(error).__name__
        return Unreachable(f"{place} does not speak TLS as expected ({reason}): look at port and tls")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{place} refuses the connection: is the broker running, is port right?")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Unreachable(f"{place} hangs up at once: look at port and tls")
    return Unreachable(f"{place} cannot be connected: {error.strerror or error or type(error).__name__}")


def refusal_of(place: str, reason: ReasonCode) -> ConnectorError:
    """Say why the broker does not let us in, or has sent us away."""
    kind = Rejected if reason.value in FOR_GOOD else Unreachable
    told = REMEDIES.get(reason.value, str(reason))
    return kind(f"{place} refuses us: {told}")


def silent(place: str, seconds: float) -> Unreachable:
    """Say that nothing came in time."""
    return Unreachable(f"{place} does not answer within {seconds:g} s")


def hung_up(place: str, *, is_tls: bool) -> Unreachable:
    """Say that the broker closed the connection instead of greeting."""
    remedy = "it may ask for a client certificate: look at tls.cert_file" if is_tls else "it may want TLS"
    return Unreachable(f"{place} hangs up instead of answering: {remedy}")
