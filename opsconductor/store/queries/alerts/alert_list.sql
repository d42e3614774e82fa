-- name: rows
-- Some closed alerts by their ids.
SELECT {columns} FROM alerts_closed WHERE id = ANY($1);

-- name: estimate
-- How many closed alerts PostgreSQL expects to match.
EXPLAIN (FORMAT JSON) SELECT FROM alerts_closed WHERE {conditions};

-- name: addresses
-- The addresses of closed alerts, each found in the index behind the one before it.
WITH RECURSIVE known AS (
    (SELECT device_ip FROM alerts_closed WHERE device_ip IS NOT NULL ORDER BY device_ip LIMIT 1)
    UNION ALL
    SELECT (
        SELECT device_ip FROM alerts_closed WHERE device_ip > known.device_ip ORDER BY device_ip LIMIT 1
    )
    FROM known WHERE known.device_ip IS NOT NULL
)
SELECT device_ip FROM known WHERE device_ip IS NOT NULL;

-- name: size
-- How many closed alerts there are, as of the last ANALYZE.
SELECT reltuples FROM pg_class WHERE oid = 'alerts_closed'::regclass;

-- name: count
-- How many closed alerts match, at most {most}; the plan is the one for all of them.
WITH matching AS MATERIALIZED (SELECT FROM alerts_closed WHERE {conditions})
SELECT count(*) FROM (SELECT FROM matching LIMIT {most}) AS counted;

-- name: near
-- A page of what matches among the first {most} alerts of an order that an index has.
SELECT {keys}
FROM (SELECT * FROM alerts_closed WHERE {leading} ORDER BY {order} LIMIT {most}) AS alerts_closed
WHERE {conditions}
LIMIT {limit} OFFSET {offset};

-- name: sampled
-- The first alert of a page, and every so-manyth after it.
SELECT {keys} FROM (SELECT {keys}, row_number() OVER () AS number FROM ({page}) AS page) AS numbered
WHERE number % {every} = 1
ORDER BY number;

-- name: matching
-- A page of all that match; the plan is the one for all of them, whatever the page.
WITH matching AS MATERIALIZED (SELECT {keys} FROM alerts_closed WHERE {conditions})
SELECT {keys} FROM matching ORDER BY {order} LIMIT {limit} OFFSET {offset};

-- name: newest
-- A page of what matches among the newest {most} alerts, in any order.
WITH matching AS MATERIALIZED (
    SELECT {keys}
    FROM (
        SELECT * FROM alerts_closed WHERE {leading} ORDER BY occurred_at DESC, id DESC LIMIT {most}
    ) AS alerts_closed
    WHERE {conditions}
)
SELECT {keys} FROM matching ORDER BY {order} LIMIT {limit} OFFSET {offset};

-- name: newest_rows
-- The newest {most} alerts, as a table.
(SELECT * FROM alerts_closed WHERE {leading} ORDER BY occurred_at DESC, id DESC LIMIT {most}) AS alerts_closed

-- name: summed
-- What matching alerts are counted by; the plan is the one for all of them.
WITH matching AS MATERIALIZED (
    SELECT severity, category, status, priority, device_ip, device_name FROM {source} WHERE {conditions}
)
SELECT severity, category, status, priority, device_ip, device_name FROM matching LIMIT {most};

-- name: alike
-- The closed alerts with fingerprint $1 other than $2, the newest first.
SELECT {columns} FROM alerts_closed WHERE fingerprint = $1 AND id <> $2 ORDER BY occurred_at DESC, id DESC LIMIT $3;
