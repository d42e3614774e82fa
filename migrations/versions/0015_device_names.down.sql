-- Without the further names of devices.

ALTER TABLE devices
    DROP COLUMN names;
