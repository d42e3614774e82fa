-- Passkeys of users (WebAuthn): public keys by which authenticators sign.

CREATE TABLE passkeys (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          varchar(100) NOT NULL,
    credential_id bytea NOT NULL UNIQUE,         -- chosen by the authenticator
    public_key    bytea NOT NULL,                -- COSE_Key (RFC 9052)
    sign_count    bigint NOT NULL,               -- of the latest use; 0: the authenticator counts none
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX passkeys_user_id ON passkeys (user_id);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON passkeys
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
