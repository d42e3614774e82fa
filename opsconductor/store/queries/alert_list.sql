-- name: rows
-- Some closed alerts by their ids.
SELECT {columns} FROM alerts_closed WHERE id = ANY($1);

-- name: estimate
-- How many closed alerts PostgreSQL expects to match.
EXPLAIN (FORMAT JSON) SELECT FROM alerts_closed WHERE {conditions};

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
