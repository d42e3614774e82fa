-- The first schema: alerts and their history, inventory, configuration, notifications, access.
-- Enumerations are CHECKs, so that a new word is a new migration and never a silent typo.

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

-- Inventory ---------------------------------------------------------------------------------

CREATE TABLE devices (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ip_address       varchar(45) NOT NULL UNIQUE,
    name             varchar(255) NOT NULL,
    netbox_id        bigint UNIQUE,
    netbox_url       text,
    device_type      varchar(100),
    manufacturer     varchar(100),
    model            varchar(100),
    site             varchar(100),
    location         varchar(255),
    role             varchar(100),
    status           varchar(50),
    tags             text[] NOT NULL DEFAULT '{}',
    custom_fields    jsonb NOT NULL DEFAULT '{}',
    last_synced_at   timestamptz,
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX devices_name ON devices (name);
CREATE INDEX devices_site ON devices (site);

-- Further addresses and SNMP engine IDs by which a device is recognized.
CREATE TABLE device_addresses (
    address   varchar(64) PRIMARY KEY,
    kind      varchar(20) NOT NULL DEFAULT 'ip' CHECK (kind IN ('ip', 'engine_id')),
    device_id uuid NOT NULL REFERENCES devices ON DELETE CASCADE
);
CREATE INDEX device_addresses_device ON device_addresses (device_id);

CREATE TABLE dependencies (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    device_ip        varchar(45) NOT NULL,
    depends_on_ip    varchar(45) NOT NULL,
    dependency_type  varchar(20) NOT NULL DEFAULT 'network'
                     CHECK (dependency_type IN ('network', 'power', 'service')),
    via_resources    text[] NOT NULL DEFAULT '{}',  -- ports of depends_on_ip; empty: any
    description      text,
    auto_discovered  boolean NOT NULL DEFAULT false,
    confidence       numeric(3, 2) NOT NULL DEFAULT 1.00 CHECK (confidence BETWEEN 0 AND 1),
    created_by       varchar(100),
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dependencies_not_on_itself CHECK (device_ip <> depends_on_ip),
    CONSTRAINT dependencies_unique UNIQUE (device_ip, depends_on_ip, dependency_type)
);
CREATE INDEX dependencies_depends_on ON dependencies (depends_on_ip);

-- Configuration -----------------------------------------------------------------------------

CREATE TABLE connectors (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name             varchar(50) NOT NULL UNIQUE,
    type             varchar(50) NOT NULL,
    enabled          boolean NOT NULL DEFAULT true,
    status           varchar(20) NOT NULL DEFAULT 'unknown'
                     CHECK (status IN ('connected', 'disconnected', 'error', 'unknown')),
    error_message    text,
    config           jsonb NOT NULL DEFAULT '{}',
    last_poll_at     timestamptz,
    last_success_at  timestamptz,
    alerts_received  bigint NOT NULL DEFAULT 0,
    alerts_today     bigint NOT NULL DEFAULT 0,
    alerts_today_on  date,
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE oid_mappings (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    oid_pattern         varchar(255) NOT NULL CHECK (oid_pattern ~ '^[0-9]+(\.[0-9]+)*(\.\*)?$'),
    vendor              varchar(100),
    alert_type          varchar(100) NOT NULL,
    category            varchar(20) NOT NULL CHECK (category IN (
                            'network', 'power', 'video', 'wireless', 'security', 'environment',
                            'compute', 'storage', 'application', 'unknown')),
    default_severity    varchar(10) NOT NULL CHECK (default_severity IN (
                            'critical', 'major', 'minor', 'warning', 'info', 'clear')),
    title_template      varchar(255) NOT NULL,
    description         text NOT NULL DEFAULT '',
    is_clear_event      boolean NOT NULL DEFAULT false,
    clear_oid_pattern   varchar(255),
    mib_name            varchar(100),
    mib_object          varchar(100),
    notes               text,
    resource_expression varchar(255) NOT NULL DEFAULT '',
    severity_map        jsonb,
    is_cutting          boolean NOT NULL DEFAULT false,
    expires_after_s     integer CHECK (expires_after_s > 0),
    provisioned_from    text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT oid_mappings_unique UNIQUE NULLS NOT DISTINCT (oid_pattern, vendor)
);

CREATE TABLE notification_rules (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name              varchar(100) NOT NULL UNIQUE,
    description       text,
    enabled           boolean NOT NULL DEFAULT true,
    priority          integer NOT NULL DEFAULT 100,
    conditions        jsonb NOT NULL DEFAULT '{}',
    channels          jsonb NOT NULL DEFAULT '[]',
    throttle_minutes  integer NOT NULL DEFAULT 0 CHECK (throttle_minutes >= 0),
    last_triggered_at timestamptz,
    created_by        varchar(100),
    provisioned_from  text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE system_settings (
    key        varchar(100) PRIMARY KEY,
    value      jsonb NOT NULL,
    updated_by varchar(100),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE credentials (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       varchar(100) NOT NULL UNIQUE,
    ciphertext bytea NOT NULL,
    created_by varchar(100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Alerts ------------------------------------------------------------------------------------

CREATE TABLE alerts (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source_system      varchar(50) NOT NULL,
    source_alert_id    varchar(255) NOT NULL DEFAULT '',
    device_ip          varchar(45) COLLATE "C",
    device_name        varchar(255),
    resource           text NOT NULL DEFAULT '',
    severity           varchar(10) NOT NULL CHECK (severity IN (
                           'critical', 'major', 'minor', 'warning', 'info', 'clear')),
    category           varchar(20) NOT NULL CHECK (category IN (
                           'network', 'power', 'video', 'wireless', 'security', 'environment',
                           'compute', 'storage', 'application', 'unknown')),
    alert_type         varchar(100) NOT NULL,
    impact             varchar(10) NOT NULL CHECK (impact IN ('high', 'medium', 'low')),
    urgency            varchar(10) NOT NULL CHECK (urgency IN ('high', 'medium', 'low')),
    priority           varchar(2) NOT NULL CHECK (priority IN ('P1', 'P2', 'P3', 'P4', 'P5')),
    title              varchar(255) NOT NULL,
    message            text NOT NULL DEFAULT '',
    status             varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN (
                           'active', 'acknowledged', 'suppressed', 'resolved', 'expired')),
    is_clear           boolean NOT NULL DEFAULT false,
    occurred_at        timestamptz NOT NULL,
    received_at        timestamptz NOT NULL,
    acknowledged_at    timestamptz,
    acknowledged_by    varchar(100),
    resolved_at        timestamptz,
    resolved_by        varchar(100),
    assigned_to        varchar(100),
    -- checked at the commit: one batch writes cause and consequences in any order
    correlated_to_id   uuid REFERENCES alerts ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    correlation_rule   varchar(100),
    tags               text[] NOT NULL DEFAULT '{}',
    custom_fields      jsonb NOT NULL DEFAULT '{}',
    raw_data           jsonb NOT NULL DEFAULT '{}',
    fingerprint        varchar(64) COLLATE "C" NOT NULL,
    occurrence_count   bigint NOT NULL DEFAULT 1 CHECK (occurrence_count >= 1),
    last_occurrence_at timestamptz NOT NULL,
    is_cutting         boolean NOT NULL DEFAULT false,
    expires_after_s    double precision,
    expires_at         timestamptz,
    snapshot_scope     text NOT NULL DEFAULT '',
    notify_at          timestamptz,
    notified           jsonb NOT NULL DEFAULT '[]',
    transitions        timestamptz[] NOT NULL DEFAULT '{}',
    flapping_since     timestamptz,
    impacted           integer NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alerts_have_a_device CHECK (device_ip IS NOT NULL OR device_name IS NOT NULL)
) WITH (fillfactor = 50);  -- room for a second version of every row: then repeats are heap-only updates

CREATE UNIQUE INDEX alerts_one_open_per_fingerprint ON alerts (fingerprint)
    WHERE status IN ('active', 'acknowledged', 'suppressed');
CREATE INDEX alerts_open ON alerts (severity, occurred_at DESC)
    WHERE status IN ('active', 'acknowledged', 'suppressed');
CREATE INDEX alerts_status ON alerts (status, occurred_at DESC);
CREATE INDEX alerts_severity ON alerts (severity);
CREATE INDEX alerts_category ON alerts (category);
CREATE INDEX alerts_device_ip ON alerts (device_ip);
CREATE INDEX alerts_occurred_at ON alerts (occurred_at);
CREATE INDEX alerts_source_system ON alerts (source_system);
CREATE INDEX alerts_fingerprint ON alerts USING hash (fingerprint);  -- only ever compared for equality
CREATE INDEX alerts_correlated_to ON alerts (correlated_to_id) WHERE correlated_to_id IS NOT NULL;
CREATE INDEX alerts_resolved_at ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE alert_history (
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    alert_id   uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    action     varchar(20) NOT NULL CHECK (action IN (
                   'created', 'acknowledged', 'unacknowledged', 'resolved', 'suppressed',
                   'unsuppressed', 'updated', 'reopened', 'expired', 'escalated', 'noted',
                   'assigned', 'flapping', 'stable', 'notified')),
    old_status varchar(20) CHECK (old_status IN (
                   'active', 'acknowledged', 'suppressed', 'resolved', 'expired')),
    new_status varchar(20) CHECK (new_status IN (
                   'active', 'acknowledged', 'suppressed', 'resolved', 'expired')),
    user_id    uuid,
    user_name  varchar(100),
    notes      text,
    changes    jsonb NOT NULL DEFAULT '{}',
    rule       varchar(100) NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX alert_history_alert ON alert_history (alert_id, created_at);
-- The daemon makes monthly partitions ahead (alert_history_y2026m01) and drops old ones. What none of
-- them takes (a clock that is years off) is kept here, not refused.
CREATE TABLE alert_history_default PARTITION OF alert_history DEFAULT;

-- Notifications -----------------------------------------------------------------------------

-- What must still be delivered; written in the transaction of the change that caused it.
CREATE TABLE notification_outbox (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    alert_id        uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    rule_id         uuid REFERENCES notification_rules ON DELETE SET NULL,
    rule_name       varchar(100) NOT NULL,
    channel         varchar(50) NOT NULL,
    recipient       varchar(255) NOT NULL DEFAULT '',
    kind            varchar(20) NOT NULL CHECK (kind IN (
                        'problem', 'worse', 'recovery', 'flapping', 'stable')),
    facts           jsonb NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    error_message   text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- order of writing: what one batch decides has one created_at, and clocks may jump
    position        bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX notification_outbox_due ON notification_outbox (channel, next_attempt_at, position);
CREATE INDEX notification_outbox_alert ON notification_outbox (alert_id, channel, recipient, position);

-- What became of every notification: one row each, under the id it had in the outbox.
CREATE TABLE notification_log (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    alert_id         uuid REFERENCES alerts ON DELETE SET NULL,
    rule_id          uuid REFERENCES notification_rules ON DELETE SET NULL,
    channel          varchar(50) NOT NULL,
    recipient        varchar(255) NOT NULL DEFAULT '',
    kind             varchar(20) NOT NULL DEFAULT 'problem',
    status           varchar(10) NOT NULL CHECK (status IN ('pending', 'sent', 'failed')),
    attempts         integer NOT NULL DEFAULT 0,
    error_message    text,
    payload          jsonb NOT NULL DEFAULT '{}',
    sent_at          timestamptz,
    response_time_ms integer,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notification_log_alert ON notification_log (alert_id);
CREATE INDEX notification_log_created ON notification_log (created_at);

-- Access ------------------------------------------------------------------------------------

CREATE TABLE users (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username      varchar(100) NOT NULL UNIQUE,
    display_name  varchar(255),
    email         varchar(255),
    password_hash text,
    enabled       boolean NOT NULL DEFAULT true,
    last_login_at timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE roles (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name        varchar(50) NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    permissions text[] NOT NULL DEFAULT '{}'
);
INSERT INTO roles (name, description, permissions) VALUES
    ('admin', 'Everything, including connectors, rules, users and keys.', '{read,operate,configure,administer}'),
    ('operator', 'See everything; acknowledge, resolve, assign and comment alerts.', '{read,operate}'),
    ('viewer', 'See everything, change nothing.', '{read}');

CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES roles ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);

-- Keys and session tokens are kept as SHA-256 of 256 random bits: nothing here lets anyone in.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         varchar(100) NOT NULL UNIQUE,
    prefix       varchar(12) NOT NULL,
    hash         varchar(64) NOT NULL UNIQUE,
    scopes       text[] NOT NULL DEFAULT '{}',
    user_id      uuid REFERENCES users ON DELETE CASCADE,
    expires_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hash         varchar(64) NOT NULL UNIQUE,
    user_id      uuid REFERENCES users ON DELETE CASCADE,
    api_key_id   uuid REFERENCES api_keys ON DELETE CASCADE,
    expires_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sessions_belong_to_someone CHECK (user_id IS NOT NULL OR api_key_id IS NOT NULL)
);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE audit_log (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    actor      varchar(100) NOT NULL,
    action     varchar(100) NOT NULL,
    subject    varchar(255) NOT NULL DEFAULT '',
    details    jsonb NOT NULL DEFAULT '{}',
    remote_ip  varchar(45),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_created ON audit_log (created_at);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alerts', 'devices', 'dependencies', 'connectors', 'oid_mappings',
                                'notification_rules', 'system_settings', 'credentials', 'users'] LOOP
        -- An update that sets updated_at itself, as the daemon's bulk writes do, does not call the function.
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW '
                       'WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at()',
                       name || '_updated_at', name);
    END LOOP;
END
$$;

-- Seeds: the generic traps of SNMPv2-MIB (RFC 3418) and IF-MIB (RFC 2863) -------------------

INSERT INTO oid_mappings (oid_pattern, alert_type, category, default_severity, title_template,
                          description, is_clear_event, clear_oid_pattern, mib_name, mib_object,
                          resource_expression, severity_map, is_cutting, expires_after_s) VALUES
    ('1.3.6.1.6.3.1.1.5.1', 'network_cold_start', 'network', 'warning', 'Device Cold Start - {device_name}',
     'The device has started anew; its configuration may have changed.', false, NULL,
     'SNMPv2-MIB', 'coldStart', '', NULL, false, 3600),
    ('1.3.6.1.6.3.1.1.5.2', 'network_warm_start', 'network', 'info', 'Device Warm Start - {device_name}',
     'The device has started anew with the same configuration.', false, NULL,
     'SNMPv2-MIB', 'warmStart', '', NULL, false, 3600),
    ('1.3.6.1.6.3.1.1.5.3', 'network_link_down', 'network', 'major', 'Link Down - {device_name} {resource}',
     'An interface has gone down.', false, '1.3.6.1.6.3.1.1.5.4',
     'IF-MIB', 'linkDown', 'ifIndex={1.3.6.1.2.1.2.2.1.1}',
     -- ifAdminStatus down(2): someone has switched the port off on purpose
     '{"varbind": "1.3.6.1.2.1.2.2.1.7", "values": {"2": "info"}}', true, NULL),
    ('1.3.6.1.6.3.1.1.5.4', 'network_link_down', 'network', 'clear', 'Link Up - {device_name} {resource}',
     'An interface has come up.', true, NULL,
     'IF-MIB', 'linkUp', 'ifIndex={1.3.6.1.2.1.2.2.1.1}', NULL, false, NULL),
    ('1.3.6.1.6.3.1.1.5.5', 'security_authentication_failure', 'security', 'warning',
     'SNMP Authentication Failure - {device_name}',
     'Someone has asked the device with a wrong community or key.', false, NULL,
     'SNMPv2-MIB', 'authenticationFailure', '', NULL, false, 3600),
    ('1.3.6.1.6.3.1.1.5.6', 'network_egp_neighbor_loss', 'network', 'major',
     'EGP Neighbor Loss - {device_name} {resource}',
     'A neighbour of the Exterior Gateway Protocol is lost.', false, NULL,
     'RFC1213-MIB', 'egpNeighborLoss', 'egpNeighAddr={1.3.6.1.2.1.8.5.1.2}', NULL, false, 86400);
