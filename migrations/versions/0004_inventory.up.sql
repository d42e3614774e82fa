-- What inventory systems find: by which connector, what of it people wrote, and since when it is gone.

-- `auto_discovered` as in `dependencies`: the row is the inventory's, otherwise people's. What an inventory
-- knows of a row of people's stands in `found`; it counts where people wrote nothing.
ALTER TABLE devices
    ADD COLUMN auto_discovered boolean NOT NULL DEFAULT false,
    ADD COLUMN found_by varchar(50),
    ADD COLUMN found jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN retired_at timestamptz,  -- gone in its inventory: kept, and recognized no more
    DROP CONSTRAINT devices_ip_address_key,
    DROP CONSTRAINT devices_netbox_id_key,
    ADD CONSTRAINT devices_found_once UNIQUE (found_by, netbox_id);
-- A retired device lets go of its address.
CREATE UNIQUE INDEX devices_ip_address ON devices (ip_address) WHERE retired_at IS NULL;

-- `missing_since`: the inventory lists it no more; it stays in force for a while.
ALTER TABLE device_addresses
    ADD COLUMN auto_discovered boolean NOT NULL DEFAULT false,
    ADD COLUMN missing_since timestamptz;
ALTER TABLE dependencies
    ADD COLUMN missing_since timestamptz;

-- The latest inventory of each connector that is in force.
CREATE TABLE inventory_syncs (
    connector    varchar(50) PRIMARY KEY,
    taken_at     timestamptz NOT NULL,  -- when the inventory system said it
    synced_at    timestamptz NOT NULL DEFAULT now(),
    devices      integer NOT NULL,
    dependencies integer NOT NULL,
    changes      jsonb NOT NULL DEFAULT '{}',  -- of the latest one that changed something
    changed_at   timestamptz,
    conflicts    text[] NOT NULL DEFAULT '{}'
);
