-- What is derived of the notifications of imported modules. Modules that were imported before get their mappings
-- with the next import.

CREATE TABLE mib_mappings (
    module varchar(128) NOT NULL REFERENCES mib_modules ON DELETE CASCADE,
    name   text NOT NULL,                -- of the notification
    line   text NOT NULL,                -- as in a file of mibs/catalogue
    PRIMARY KEY (module, name)
);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON mib_mappings
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- of the mappings, to see whether they change; empty: nothing was derived yet
ALTER TABLE mib_modules ADD COLUMN mappings_digest bytea NOT NULL DEFAULT '';

-- The generic traps that the first migration maps are no mappings of the operator: they rank like a pack. A row that
-- the operator has changed or declared stays his.
DELETE FROM oid_mappings WHERE origin <> 'own';
ALTER TABLE oid_mappings
    DROP CONSTRAINT oid_mappings_origin_check,
    ADD CONSTRAINT oid_mappings_origin_check CHECK (origin IN ('own', 'pack'));

UPDATE oid_mappings AS m SET origin = 'pack'
FROM (VALUES
    ('1.3.6.1.6.3.1.1.5.1', 'network_cold_start', 'network', 'warning', 'Device Cold Start - {device_name}',
     'The device has started anew; its configuration may have changed.', false, NULL,
     'SNMPv2-MIB', 'coldStart', '', NULL, false, 3600),
    ('1.3.6.1.6.3.1.1.5.2', 'network_warm_start', 'network', 'info', 'Device Warm Start - {device_name}',
     'The device has started anew with the same configuration.', false, NULL,
     'SNMPv2-MIB', 'warmStart', '', NULL, false, 3600),
    ('1.3.6.1.6.3.1.1.5.3', 'network_link_down', 'network', 'major', 'Link Down - {device_name} {resource}',
     'An interface has gone down.', false, '1.3.6.1.6.3.1.1.5.4',
     'IF-MIB', 'linkDown', 'ifIndex={1.3.6.1.2.1.2.2.1.1}',
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
     'RFC1213-MIB', 'egpNeighborLoss', 'egpNeighAddr={1.3.6.1.2.1.8.5.1.2}', NULL, false, 86400)
) AS seed (oid_pattern, alert_type, category, default_severity, title_template, description, is_clear_event,
           clear_oid_pattern, mib_name, mib_object, resource_expression, severity_map, is_cutting, expires_after_s)
WHERE (m.oid_pattern, m.alert_type, m.category, m.default_severity, m.title_template, m.description,
       m.is_clear_event, m.clear_oid_pattern, m.mib_name, m.mib_object, m.resource_expression, m.severity_map,
       m.is_cutting, m.expires_after_s)
      IS NOT DISTINCT FROM
      (seed.oid_pattern, seed.alert_type, seed.category, seed.default_severity, seed.title_template,
       seed.description, seed.is_clear_event, seed.clear_oid_pattern, seed.mib_name, seed.mib_object,
       seed.resource_expression, seed.severity_map::jsonb, seed.is_cutting, seed.expires_after_s::integer)
  AND m.vendor IS NULL AND m.notes IS NULL AND m.provisioned_from IS NULL AND m.conditions = '[]'
  AND m.cases = '[]' AND m.clear_conditions = '[]' AND m.more_resources = '{}';
