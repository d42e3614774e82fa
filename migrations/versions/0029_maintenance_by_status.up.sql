-- A window on the status of devices in the inventory (condition `device_status`) needs no end.

ALTER TABLE maintenance_windows DROP CONSTRAINT maintenance_windows_end;
