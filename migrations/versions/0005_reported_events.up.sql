-- Events that scripts report (POST /api/v1/events): the permission to do so, alone or with others, and the
-- keys by which the same report is known again for a day, also after a restart.

UPDATE roles SET permissions = permissions || '{report}' WHERE name IN ('admin', 'operator');
INSERT INTO roles (name, description, permissions) VALUES
    ('reporter', 'Report events, see nothing: for scripts.', '{report}');

CREATE TABLE reported_keys (
    reporter    varchar(100) NOT NULL,  -- name of the API key; a new one of that name continues with its keys
    key         text NOT NULL,
    digest      bytea NOT NULL,         -- SHA-256 of what was reported under it
    reported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reporter, key)
);
CREATE INDEX reported_keys_reported_at ON reported_keys (reported_at);
