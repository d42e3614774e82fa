-- An earlier version would take a window that recurs for one that lasts all the time.

DELETE FROM maintenance_windows WHERE recurring IS NOT NULL;
ALTER TABLE maintenance_windows
    DROP CONSTRAINT maintenance_windows_end,
    DROP CONSTRAINT maintenance_windows_cut_is_finite,
    DROP COLUMN recurring,
    DROP COLUMN cut_at;
