-- Further names of devices that an inventory has found: those of their addresses in the DNS.

ALTER TABLE devices
    ADD COLUMN names text[] NOT NULL DEFAULT '{}';
