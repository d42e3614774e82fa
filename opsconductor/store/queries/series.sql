-- name: load_sources
-- All sources with the number of their series.
SELECT s.id, s.name, s.status, s.config, count(m.id) AS amount
FROM data_sources s
LEFT JOIN metric_series m ON m.source_id = s.id
GROUP BY s.id;

-- name: create_source
-- Adds source $1 of type $2 with configuration $3, or returns the one of that name.
INSERT INTO data_sources (name, type, config) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET type = excluded.type
RETURNING id;

-- name: set_source_status
-- Sets the status of source $1 to $2.
UPDATE data_sources SET status = $2 WHERE id = $1;

-- name: set_source_config
-- Sets what source $1 is to $2.
UPDATE data_sources SET config = $2 WHERE id = $1;

-- name: load_series
-- All series.
SELECT m.id, m.device, m.device_name, m.device_id, m.metric, m.resource, m.unit, m.kind, s.name AS source,
       m.created_at, m.last_at
FROM metric_series m
JOIN data_sources s ON s.id = m.source_id;

-- name: create_series
-- Adds series: columns $1 to $8 as arrays. A device that is not in the inventory any more is not referred to.
INSERT INTO metric_series (source_id, device_id, device, device_name, metric, resource, unit, kind)
SELECT source_id, d.id, device, device_name, metric, resource, unit, kind
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
     AS n (source_id, device_id, device, device_name, metric, resource, unit, kind)
LEFT JOIN devices d ON d.id = n.device_id
RETURNING id, device, metric, resource, created_at;

-- name: move_series
-- Sets the device of series: ids $1, devices $2, names $3, rows of the inventory $4.
UPDATE metric_series m SET device = n.device, device_name = n.device_name, device_id = d.id
FROM unnest($1::integer[], $2::text[], $3::text[], $4::uuid[]) AS n (id, device, device_name, device_id)
LEFT JOIN devices d ON d.id = n.device_id
WHERE m.id = n.id;

-- name: delete_series
-- Deletes series $1 with all their points.
DELETE FROM metric_series WHERE id = ANY ($1::integer[]) RETURNING id;

-- name: empty_series
-- Those of series $1, created before $2, of which no point is kept.
SELECT m.id FROM metric_series m
WHERE m.id = ANY ($1::integer[]) AND m.created_at < $2
  AND NOT EXISTS (SELECT FROM data_points_1h p WHERE p.series_id = m.id)
  AND NOT EXISTS (SELECT FROM data_points_5m p WHERE p.series_id = m.id)
  AND NOT EXISTS (SELECT FROM data_points p WHERE p.series_id = m.id);

-- name: set_last_at
-- Sets the time of the newest point of series: ids $1, times $2.
UPDATE metric_series m SET last_at = n.at
FROM unnest($1::integer[], $2::timestamptz[]) AS n (id, at)
WHERE m.id = n.id AND m.last_at IS DISTINCT FROM n.at;

-- name: list_series
-- Up to $5 series behind the place ($6, $7, $8), in order of device, metric and resource. $1: devices that the
-- caller may see; $2 to $4: device or its name, metric, resource; as parts of texts, null: any.
SELECT m.id, m.device, m.device_name, m.device_id, m.metric, m.resource, m.unit, m.kind, s.name AS source,
       m.created_at, m.last_at
FROM metric_series m
JOIN data_sources s ON s.id = m.source_id
WHERE ($1::text[] IS NULL OR m.device = ANY ($1))
  AND ($2::text IS NULL OR m.device ILIKE $2 OR m.device_name ILIKE $2)
  AND ($3::text IS NULL OR m.metric ILIKE $3)
  AND ($4::text IS NULL OR m.resource ILIKE $4)
  AND (m.device, m.metric, m.resource) > ($6::text, $7::text, $8::text)
ORDER BY m.device, m.metric, m.resource
LIMIT $5;

-- name: note_ids
-- Adds keys $2 of source $1 at time $3; returns those that are new.
INSERT INTO metric_ids (source, key, at)
SELECT $1, key, $3 FROM unnest($2::text[]) AS n (key)
ON CONFLICT DO NOTHING
RETURNING key;

-- name: forget_ids
-- Deletes up to $2 keys from before $1.
DELETE FROM metric_ids WHERE (source, key) IN (SELECT source, key FROM metric_ids WHERE at < $1 LIMIT $2);

-- name: write_batch
-- Adds batch $1 at time $2 to the log.
INSERT INTO metric_batches (sequence, at, packed) VALUES ($1, $2, $3);

-- name: read_batches
-- Up to $2 batches after number $1, in order.
SELECT sequence, packed FROM metric_batches WHERE sequence > $1 ORDER BY sequence LIMIT $2;

-- name: last_batch
-- The highest number that was given.
SELECT greatest((SELECT max(sequence) FROM metric_batches), (SELECT max(sequence) FROM metric_buckets), 0);

-- name: newest_batch
-- The number of the newest batch that there is; 0: none.
SELECT coalesce(max(sequence), 0) FROM metric_batches;

-- name: forget_batches
-- Deletes batches from before $1.
DELETE FROM metric_batches WHERE at < $1;

-- name: load_buckets
-- How far each bucket is.
SELECT bucket, sealed_at, sequence, rolled_at FROM metric_buckets;

-- name: save_bucket
-- Stores how far bucket $1 is in chunks ($2, $3) and in aggregates ($4).
INSERT INTO metric_buckets (bucket, sealed_at, sequence, rolled_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (bucket) DO UPDATE
SET sealed_at = excluded.sealed_at, sequence = excluded.sequence, rolled_at = excluded.rolled_at;

-- name: read_chunks
-- The chunks of series $1 that begin after $2 and before $3, in order.
SELECT series_id, start, packed FROM data_points
WHERE series_id = ANY ($1::integer[]) AND start > $2 AND start < $3
ORDER BY series_id, start;

-- name: read_hours
-- The chunks of series $1 that begin at times $2.
SELECT p.series_id, p.start, p.packed
FROM unnest($1::integer[], $2::timestamptz[]) AS n (series_id, start)
JOIN data_points p ON p.series_id = n.series_id AND p.start = n.start
WHERE p.start >= $3 AND p.start <= $4;

-- name: write_chunks
-- Writes chunks: series $1, begin $2, amounts $3, packed $4; each replaces the one at its place.
INSERT INTO data_points (series_id, start, amount, packed)
SELECT n.* FROM unnest($1::integer[], $2::timestamptz[], $3::integer[], $4::bytea[])
     AS n (series_id, start, amount, packed)
ON CONFLICT (series_id, start) DO UPDATE SET amount = excluded.amount, packed = excluded.packed;

-- name: write_5m
-- Writes days of 5-minute aggregates: series $1, begin $2, packed $3; each replaces the one at its place.
INSERT INTO data_points_5m (series_id, start, packed)
SELECT n.* FROM unnest($1::integer[], $2::timestamptz[], $3::bytea[]) AS n (series_id, start, packed)
ON CONFLICT (series_id, start) DO UPDATE SET packed = excluded.packed;

-- name: write_1h
-- Writes days of hourly aggregates: as `write_5m`.
INSERT INTO data_points_1h (series_id, start, packed)
SELECT n.* FROM unnest($1::integer[], $2::timestamptz[], $3::bytea[]) AS n (series_id, start, packed)
ON CONFLICT (series_id, start) DO UPDATE SET packed = excluded.packed;

-- name: read_5m
-- The days of 5-minute aggregates of series $1 that begin at $2 or later and before $3, in order.
SELECT series_id, start, packed FROM data_points_5m
WHERE series_id = ANY ($1::integer[]) AND start >= $2 AND start < $3
ORDER BY series_id, start;

-- name: read_1h
-- The days of hourly aggregates: as `read_5m`.
SELECT series_id, start, packed FROM data_points_1h
WHERE series_id = ANY ($1::integer[]) AND start >= $2 AND start < $3
ORDER BY series_id, start;
