-- Views of the alert list that are saved (docs/page.md): of a user or of an API key, shown to all if shared.

CREATE TABLE saved_views (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid REFERENCES users (id) ON DELETE CASCADE,
    key_id     uuid REFERENCES api_keys (id) ON DELETE CASCADE,
    name       varchar(100) NOT NULL,
    query      text NOT NULL,                        -- of the page's address: `severity=critical&site=Lyon`
    is_shared  boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_views_have_one_owner CHECK (num_nonnulls(user_id, key_id) = 1),
    UNIQUE NULLS NOT DISTINCT (user_id, key_id, name)
);

CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON saved_views
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
