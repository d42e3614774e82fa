"""Everything that talks to the outside, in or out: the visible list of connectors.

Third parties add theirs through the entry-point group `opsconductor.connectors`.
"""

from connectors import (
    apprise_out,
    eaton,
    email,
    gotify,
    jira,
    matrix,
    mattermost,
    mqtt,
    msteams,
    netbox,
    ntfy,
    opsgenie,
    pagerduty,
    prtg,
    servicenow,
    slack,
    sms_http,
    snmp_poll,
    snmp_trap,
    syslog_out,
    telegram,
    twilio,
    webhook,
    webhook_in,
)
from opsconductor.connector.connector_type import ChannelType, InventoryType, SourceType

SOURCES: dict[str, SourceType] = {
    connector_type.name: connector_type
    for connector_type in (
        eaton.TYPE,
        mqtt.TYPE,
        prtg.TYPE,
        snmp_poll.TYPE,
        snmp_trap.TYPE,
        webhook_in.TYPE,
    )
}
INVENTORIES: dict[str, InventoryType] = {
    connector_type.name: connector_type for connector_type in (netbox.TYPE,)
}
CHANNELS: dict[str, ChannelType] = {
    connector_type.name: connector_type
    for connector_type in (
        apprise_out.TYPE,
        email.TYPE,
        gotify.TYPE,
        jira.TYPE,
        matrix.TYPE,
        mattermost.TYPE,
        msteams.TYPE,
        ntfy.TYPE,
        opsgenie.TYPE,
        pagerduty.TYPE,
        servicenow.TYPE,
        slack.TYPE,
        sms_http.TYPE,
        syslog_out.TYPE,
        telegram.TYPE,
        twilio.TYPE,
        webhook.TYPE,
    )
}
