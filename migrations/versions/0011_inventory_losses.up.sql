-- What an inventory has published beside its rows: by which rules dependencies were worked out, what would go and
-- waits for confirmation, which lists its system refuses to show, and what people should know.

ALTER TABLE inventory_syncs
    ADD COLUMN rules text,  -- NULL: published before this column was there
    ADD COLUMN waiting jsonb,  -- NULL: nothing waits
    ADD COLUMN unread text[] NOT NULL DEFAULT '{}',
    ADD COLUMN remarks text[] NOT NULL DEFAULT '{}';
