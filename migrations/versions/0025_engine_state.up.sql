-- State of the engine that belongs to no single alert, such as messages about several alerts that wait until they
-- are due, and how many messages a recipient has got lately. Written in the transaction of the change that it is
-- part of; read when the daemon starts.

CREATE TABLE engine_state (
    kind       varchar(20) NOT NULL,
    key        text NOT NULL,
    document   jsonb NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON engine_state
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary'));
