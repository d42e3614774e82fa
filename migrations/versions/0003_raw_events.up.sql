-- The raw event archive: what connectors received, so that mappings and rules can be tried against
-- real history. Written with the changes it led to; secrets are taken out before it gets here.

CREATE TABLE raw_events (
    id            uuid NOT NULL,
    connector     varchar(50) NOT NULL,
    received_at   timestamptz NOT NULL,
    peer          varchar(45) NOT NULL DEFAULT '',
    local         text NOT NULL DEFAULT '',
    payload       bytea,  -- NULL: only a count of events that were not kept
    sampled_count bigint NOT NULL DEFAULT 0 CHECK (sampled_count >= 0),
    PRIMARY KEY (received_at, id),
    CONSTRAINT raw_events_say_something CHECK (payload IS NOT NULL OR sampled_count > 0)
) PARTITION BY RANGE (received_at);
-- The daemon makes daily partitions ahead (raw_events_y2026m01d31, days in UTC) and drops old ones. What
-- none of them takes (a clock that is years off) is kept here, not refused.
CREATE TABLE raw_events_default PARTITION OF raw_events DEFAULT;
