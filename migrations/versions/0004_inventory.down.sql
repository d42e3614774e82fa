-- Without what inventory systems find. Retired devices go: an address may have only one device again.

DROP TABLE inventory_syncs;
ALTER TABLE dependencies
    DROP COLUMN missing_since;
DELETE FROM device_addresses WHERE missing_since IS NOT NULL;
ALTER TABLE device_addresses
    DROP COLUMN auto_discovered,
    DROP COLUMN missing_since;
DELETE FROM devices WHERE retired_at IS NOT NULL;
UPDATE devices SET netbox_id = NULL
WHERE EXISTS (SELECT FROM devices AS other
              WHERE other.netbox_id = devices.netbox_id AND other.id < devices.id);
DROP INDEX devices_ip_address;
ALTER TABLE devices
    DROP CONSTRAINT devices_found_once,
    ADD CONSTRAINT devices_ip_address_key UNIQUE (ip_address),
    ADD CONSTRAINT devices_netbox_id_key UNIQUE (netbox_id),
    DROP COLUMN auto_discovered,
    DROP COLUMN found_by,
    DROP COLUMN found,
    DROP COLUMN retired_at;
