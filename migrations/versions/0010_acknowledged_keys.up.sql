-- By what messages are recognized that their senders repeat (INFORM, MQTT): written in the transaction of
-- what they led to, read when the daemon starts, kept for minutes.

CREATE TABLE acknowledged_keys (
    position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connector  varchar(50) NOT NULL,
    keys       bytea NOT NULL,      -- of a whole batch, 16 bytes each
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX acknowledged_keys_connector ON acknowledged_keys (connector, position);
-- hashes cannot be compressed
ALTER TABLE acknowledged_keys ALTER COLUMN keys SET STORAGE EXTERNAL;
