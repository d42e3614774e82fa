-- Devices may have no address. `key` is by what dependencies refer to a device: its main address, else its name.

DROP INDEX devices_ip_address;
ALTER TABLE devices
    ALTER COLUMN ip_address DROP NOT NULL,
    ADD COLUMN key text NOT NULL GENERATED ALWAYS AS (coalesce(ip_address, name)) STORED;
-- A retired device lets go of its key.
CREATE UNIQUE INDEX devices_key ON devices (key) WHERE retired_at IS NULL;

-- Keys of devices.
ALTER TABLE dependencies
    ALTER COLUMN device_ip TYPE varchar(255),
    ALTER COLUMN depends_on_ip TYPE varchar(255);
