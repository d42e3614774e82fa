-- `metadata` holds the receiver's own id of a sent message and what else its channel needs to update the
-- message or to answer it in its thread. The next notification about the same alert to the same recipient gets it.

ALTER TABLE notification_log
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object');
