-- Accounts: permissions of the form `<what>:<read or write>`, API keys with roles and scopes of their own,
-- sessions of users, one-time links by which a user chooses a password.

UPDATE roles SET description = CASE name
        WHEN 'admin' THEN 'Everything, including configuration, users, API keys and the audit log.'
        WHEN 'operator' THEN 'See everything; acknowledge, resolve, assign and comment alerts; check and reload.'
        ELSE description END,
    permissions = CASE name
        WHEN 'admin' THEN ARRAY['alerts:read', 'alerts:write', 'events:write', 'config:read', 'config:write',
                                'system:read', 'system:write', 'users:read', 'users:write', 'audit:read']
        WHEN 'operator' THEN ARRAY['alerts:read', 'alerts:write', 'events:write', 'config:read',
                                   'system:read', 'system:write', 'users:read']
        WHEN 'viewer' THEN ARRAY['alerts:read', 'config:read']
        WHEN 'reporter' THEN ARRAY['events:write']
        ELSE '{}' END;

CREATE UNIQUE INDEX users_username_lower ON users (lower(username));
ALTER TABLE users ADD COLUMN password_changed_at timestamptz;

ALTER TABLE api_keys
    ADD COLUMN roles text[] NOT NULL DEFAULT '{}',
    ADD COLUMN quota_per_minute integer CHECK (quota_per_minute > 0),
    ADD COLUMN created_by varchar(100) NOT NULL DEFAULT '';
UPDATE api_keys SET roles = scopes, scopes = '{}';

-- A session ends when it is unused for `idle`, and at `ends_at` in any case.
ALTER TABLE sessions
    ADD COLUMN idle interval NOT NULL DEFAULT interval '7 days',
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN remote_ip varchar(45);
CREATE INDEX sessions_user ON sessions (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE password_links (
    hash       varchar(64) PRIMARY KEY,  -- SHA-256 of the link's token
    user_id    uuid REFERENCES users ON DELETE CASCADE,  -- null: the first administrator, who is to be created
    created_by varchar(100) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON password_links
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
