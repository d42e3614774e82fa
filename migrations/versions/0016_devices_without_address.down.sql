-- Without devices that have no address, and without what refers to them.

DELETE FROM dependencies
USING devices
WHERE devices.ip_address IS NULL AND devices.key IN (dependencies.device_ip, dependencies.depends_on_ip);
DELETE FROM dependencies WHERE length(device_ip) > 45 OR length(depends_on_ip) > 45;
DELETE FROM devices WHERE ip_address IS NULL;

ALTER TABLE dependencies
    ALTER COLUMN device_ip TYPE varchar(45),
    ALTER COLUMN depends_on_ip TYPE varchar(45);

DROP INDEX devices_key;
ALTER TABLE devices
    DROP COLUMN key,
    ALTER COLUMN ip_address SET NOT NULL;
CREATE UNIQUE INDEX devices_ip_address ON devices (ip_address) WHERE retired_at IS NULL;
