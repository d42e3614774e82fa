-- name: record
-- Store the present size of every table under day $1; samples older than 90 days go.
WITH old AS (
    DELETE FROM table_sizes WHERE day < $1::date - 90
)
INSERT INTO table_sizes (day, table_name, bytes)
SELECT $1, table_name, bytes FROM (
    SELECT pg_partition_root(c.oid)::regclass::text AS table_name, sum(pg_total_relation_size(c.oid)) AS bytes
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relispartition AND c.relnamespace = current_schema()::regnamespace
    GROUP BY 1
    UNION ALL
    SELECT c.relname::text, pg_total_relation_size(c.oid)
    FROM pg_class c
    WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
) AS measured
ON CONFLICT (day, table_name) DO UPDATE SET bytes = excluded.bytes;

-- name: read
-- The present size of every table, the largest first, and its oldest sample of the last $2 days before $1.
WITH measured AS (
    SELECT pg_partition_root(c.oid)::regclass::text AS table_name,
           sum(pg_total_relation_size(c.oid))::bigint AS bytes
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relispartition AND c.relnamespace = current_schema()::regnamespace
    GROUP BY 1
    UNION ALL
    SELECT c.relname::text, pg_total_relation_size(c.oid)
    FROM pg_class c
    WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
), before AS (
    SELECT DISTINCT ON (table_name) table_name, day, bytes
    FROM table_sizes
    WHERE day < $1::date AND day >= $1::date - $2::int
    ORDER BY table_name, day
)
SELECT m.table_name, m.bytes, b.bytes AS before, b.day
FROM measured m LEFT JOIN before b USING (table_name)
ORDER BY m.bytes DESC;
