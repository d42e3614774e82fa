-- What cannot be handled: kept for people to look at, so that it stops neither the start nor the loop nor
-- others of its batch.

CREATE TABLE set_aside (
    id      uuid PRIMARY KEY,
    kind    varchar(20) NOT NULL CHECK (kind IN ('event', 'alert', 'change', 'notification')),
    origin  varchar(50) NOT NULL,              -- connector or channel
    subject varchar(255) NOT NULL DEFAULT '',  -- sender's address, or id of alert or notification
    reason  text NOT NULL,
    content bytea NOT NULL,                    -- its beginning, without secrets
    size    bigint NOT NULL,                   -- bytes of the whole
    at      timestamptz NOT NULL CHECK (isfinite(at))
);
CREATE INDEX set_aside_at ON set_aside (at);
