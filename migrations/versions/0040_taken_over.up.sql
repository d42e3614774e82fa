-- Rows that a file declares and that people have changed or deleted in its place: applying a file leaves them alone.
-- A deleted row is in no other table. See store/queries/provisioned.sql.
CREATE TABLE taken_over (
    table_name varchar(40) NOT NULL,
    key        jsonb NOT NULL,
    origin     text NOT NULL,
    taken_by   text NOT NULL,
    taken_at   timestamptz NOT NULL DEFAULT now()
);
-- The key of a mapping has its conditions, which may be longer than an entry of an index.
CREATE UNIQUE INDEX taken_over_key ON taken_over (table_name, md5(key::text));
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON taken_over
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
