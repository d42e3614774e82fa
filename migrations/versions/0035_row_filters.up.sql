-- Row filters of roles, users and API keys: which alerts they see; NULL: all. See model/row_filter.py.

ALTER TABLE roles ADD COLUMN row_filter jsonb;
ALTER TABLE users ADD COLUMN row_filter jsonb;
ALTER TABLE api_keys ADD COLUMN row_filter jsonb;

-- what a filter by a custom field looks for in closed alerts
CREATE INDEX alerts_closed_custom_fields ON alerts_closed USING gin (custom_fields jsonb_path_ops)
    WHERE custom_fields <> '{}';

-- where a user comes from: an account of a directory or a provider has no password of its own here
ALTER TABLE users
    ADD COLUMN origin varchar(10) NOT NULL DEFAULT 'local'
        CONSTRAINT users_origin CHECK (origin IN ('local', 'ldap', 'oidc', 'proxy')),
    ADD COLUMN origin_id varchar(512);  -- the account's lasting identity there; NULL for local users
CREATE UNIQUE INDEX users_origin_id ON users (origin, origin_id) WHERE origin_id IS NOT NULL;
