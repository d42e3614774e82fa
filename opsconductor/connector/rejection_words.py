"""Explanation and remedy for each rejection reason of our connectors."""

from typing import NamedTuple


class Words(NamedTuple):
    """Explanation of a reason, for people."""

    explanation: str
    remedy: str


_COMPARE = "compare the secret at the sender with that of the connector (opsconductor apply changes it)"
_FORMAT = "compare what the sender is set up to send with the README of the connector's type"
_BYTES = "check its first bytes (opsconductor doctor): is it SNMP, is the port right?"
_CLOCK = "restart the SNMP agent of the device, and make sure that it stores its engine boots counter"
_RULE = "correct the rule or mapping of the topic, or what the device publishes"

WORDS = {
    # SNMP
    "network": Words("the sender is in none of the configured networks", "add its network to `networks`"),
    "community": Words(
        "the community is not configured", "correct it on the device, or add it to `communities`"
    ),
    "unsupported_security_model": Words(
        "the SNMPv3 message uses another security model than USM", "set the device to USM (SNMPv3 users)"
    ),
    "invalid_security_level": Words(
        "the SNMPv3 message asks for encryption without authentication", "set the device to authPriv"
    ),
    "unknown_engine_id": Words(
        "the inform is addressed to another SNMP engine than ours",
        "let the device discover the engine ID, or configure ours there (the log has it at the start)",
    ),
    "unknown_user": Words(
        "no SNMPv3 user of this name is configured", "add it to `snmpv3_users`, or correct it on the device"
    ),
    "wrong_security_level": Words(
        "the SNMPv3 user is configured for another security level",
        "use the same level (noAuthNoPriv, authNoPriv, authPriv) on both sides",
    ),
    "wrong_digest": Words(
        "the authentication of the SNMPv3 message is wrong",
        "compare authentication password and protocol on both sides",
    ),
    "not_in_time_window": Words(
        "the SNMPv3 message is older than 150 seconds, or from before the device's restart", _CLOCK
    ),
    "decryption_failed": Words(
        "the SNMPv3 message cannot be decrypted", "compare privacy password and protocol on both sides"
    ),
    "truncated": Words("the message ends before its own lengths say", _BYTES),
    "bad_length": Words("the message has an impossible length", _BYTES),
    "bad_tag": Words("the message is not SNMP: a type differs from the standard", _BYTES),
    "bad_value": Words("an integer in the message is empty or absurdly long", _BYTES),
    "bad_oid": Words("an object identifier in the message cannot be read", _BYTES),
    "bad_generic_trap": Words("the v1 trap is of a generic type other than 0 to 6", _BYTES),
    "unsupported_version": Words("the message is neither SNMP v1, v2c nor v3", _BYTES),
    "not_a_notification": Words(
        "the message is a request or response, neither trap nor inform",
        "something polls this port, or scans it: correct its target",
    ),
    "no_trap_oid": Words("the v2 notification has no snmpTrapOID.0", _BYTES),
    "no_device": Words("the message names no device", "see `trusted_forwarders`"),
    "forwarder_names_no_device": Words(
        "the trusted forwarder does not name the device of its message",
        "unless it is the forwarder's own, put `addForwarderInfo yes` into its snmptrapd.conf and restart it",
    ),
    # posts
    "connector_failed": Words(
        "the code of the connector failed with the post", "see the daemon's log, and report it to its author"
    ),
    "unauthorized": Words("the secret is missing or wrong", _COMPARE),
    "wrong_secret": Words("the secret is missing or wrong", _COMPARE),
    "wrong_signature": Words("the signature does not match body and secret", _COMPARE),
    "wrong_key": Words(
        "the API key is missing, unknown, expired or revoked", "create a new one: opsconductor token create"
    ),
    "not_ready": Words(
        "the connector is starting and does not know yet what was accepted before",
        "nothing: the sender retries; if it lasts, check whether PostgreSQL answers (opsconductor doctor)",
    ),
    "under_way": Words("the same was posted before and is not committed yet", "nothing: the sender retries"),
    "no_webhook_secret": Words(
        "the connector has no webhook_secret, so nothing is accepted", "configure one"
    ),
    "webhooks_off": Words("the connector has no webhook_secret, so nothing is accepted", "configure one"),
    "too_many_posts": Words(
        "more posts a minute than the connector accepts",
        "raise posts_per_minute, or let the sender group its alerts",
    ),
    "too_many_alerts": Words(
        "more alerts in one post than the connector accepts",
        "raise max_alerts, or let the sender send in smaller groups: it may not retry",
    ),
    "too_large": Words(
        "the message is longer than allowed",
        "raise limits.api_body_bytes (posts) or max_payload (MQTT), or let the sender send in parts: "
        "it may not retry",
    ),
    "too_slow": Words("the post did not arrive in time", "look at the network and at the load of the sender"),
    "no_sensor": Words(
        "the post names no sensor", "put sensorid=%sensorid into the payload of the notification template"
    ),
    "no_form": Words("the post is neither a form nor JSON", _FORMAT),
    "no_json": Words("the post is not JSON", _FORMAT),
    "too_deep": Words("the document is nested too deeply", _FORMAT),
    "wrong_shape": Words("the document does not conform to the format", _FORMAT),
    "no_status": Words("the document does not state whether it is a problem", _FORMAT),
    "no_state": Words("the document does not state whether it is a problem", _FORMAT),
    "no_value": Words("the document does not state whether it is a problem", _FORMAT),
    "no_action": Words("the document does not state whether it is a problem", _FORMAT),
    "no_labels": Words("an alert in the post has no labels", _FORMAT),
    "no_attributes": Words("the event has no type or source", _FORMAT),
    "no_alert_type": Words("the mapping finds no alert type", "correct alert_type of its mapping"),
    "no_object": Words("a value is in place of an object", _FORMAT),
    "expression": Words("an expression of the configuration fails", "correct the expression"),
    # MQTT
    "not_text": Words("the payload is not text in UTF-8", _RULE),
    "not_json": Words("the payload is not JSON", _RULE),
    "not_a_number": Words("the payload is not a number", _RULE),
    "implausible": Words("the number is outside of `possible` of the rule", _RULE),
    "not_one_value": Words("the payload is not a single value", _RULE),
    "unknown_value": Words("the payload is a value that is unknown to the rule", _RULE),
    "not_sparkplug": Words("the payload is not Sparkplug B", _RULE),
    # the daemon's own API
    "invalid": Words("the events do not conform to the API", "see the answer that the sender received"),
    "key_reused": Words(
        "an idempotency key is used for different events",
        "create a key for each event; a connector's idempotency_key must not be the id of a fault",
    ),
    "unsupported_media_type": Words("the body is of an unsupported type", "send it as application/json"),
}

UNKNOWN_REMEDY = "see the log, and the README of the connector's type"


def words_of(reason: str, detail: str = "") -> Words:
    """Return explanation and remedy of a reason, followed by the detail (from an exception).

    Args:
        detail: Specific information about this message; empty: none.
    """
    words = WORDS.get(reason, Words(reason.replace("_", " "), UNKNOWN_REMEDY))
    return words._replace(explanation=f"{words.explanation} ({detail})") if detail else words
