-- MIB modules that were imported, with the facts of their notifications and objects. No prose of a MIB is kept.

CREATE TABLE mib_modules (
    name         varchar(128) PRIMARY KEY,
    source       text NOT NULL,          -- file, with the archive before it
    last_updated varchar(12) NOT NULL,   -- LAST-UPDATED as YYYYMMDDhhmm; empty: the module has none
    skipped      text[] NOT NULL,        -- definitions that could not be read
    faults       text[] NOT NULL,        -- why
    missing      jsonb NOT NULL,         -- [[module imported from, [names]]]: names that nothing defines
    form         bytea NOT NULL,         -- all definitions in compact form, to be linked again
    facts_digest bytea NOT NULL,         -- of the facts, to see whether they change
    imported_at  timestamptz NOT NULL
);
-- forms are compressed already
ALTER TABLE mib_modules ALTER COLUMN form SET STORAGE EXTERNAL;

CREATE TABLE mib_notifications (
    module  varchar(128) NOT NULL REFERENCES mib_modules ON DELETE CASCADE,
    name    text NOT NULL,
    oid     text NOT NULL,
    vendor  text NOT NULL,
    objects jsonb NOT NULL,              -- [[name, OID]] in order; an empty OID: not known
    PRIMARY KEY (module, name)
);
CREATE INDEX mib_notifications_oid ON mib_notifications (oid);
CREATE INDEX mib_notifications_name ON mib_notifications (name);

CREATE TABLE mib_objects (
    module         varchar(128) NOT NULL REFERENCES mib_modules ON DELETE CASCADE,
    name           text NOT NULL,
    oid            text NOT NULL,
    syntax         text NOT NULL,        -- empty: a node, or its type is not known
    convention     text NOT NULL,
    enumeration    jsonb NOT NULL,       -- [[number, label]]
    units          text NOT NULL,
    display_hint   text NOT NULL,
    row_index      jsonb NOT NULL,       -- [[name, syntax, convention, is implied, size]]
    is_notify_only boolean NOT NULL,
    PRIMARY KEY (module, name)
);
CREATE INDEX mib_objects_oid ON mib_objects (oid);
CREATE INDEX mib_objects_name ON mib_objects (name);

CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON mib_modules
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON mib_notifications
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON mib_objects
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
