-- Without what an inventory has published beside its rows.

ALTER TABLE inventory_syncs
    DROP COLUMN rules,
    DROP COLUMN waiting,
    DROP COLUMN unread,
    DROP COLUMN remarks;
