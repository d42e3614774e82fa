-- name: add
-- Add counts of unmatched clears to those of their days.
INSERT INTO unmatched_clears (day, connector, device, alert_type, resource, amount, last_at)
SELECT day, connector, device, alert_type, resource, sum(amount), max(last_at)
FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
    AS counted (day, connector, device, alert_type, resource, amount, last_at)
GROUP BY day, connector, device, alert_type, resource
ON CONFLICT (day, connector, device, alert_type, resource) DO UPDATE
SET amount = unmatched_clears.amount + excluded.amount,
    last_at = greatest(unmatched_clears.last_at, excluded.last_at);

-- name: sums
-- Unmatched clears from the day of $1 on by connector, device and alert type, most frequent first, up to $2;
-- with up to $3 resources.
SELECT connector, device, alert_type, sum(amount)::bigint AS amount, max(last_at) AS last_at,
       count(DISTINCT resource)::int AS resources,
       (array_agg(DISTINCT resource))[1:$3::int] AS some_resources
FROM unmatched_clears
WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
GROUP BY connector, device, alert_type
ORDER BY amount DESC, last_at DESC, device, alert_type
LIMIT $2;

-- name: total
-- The number of unmatched clears from the day of $1 on, and how many devices sent any.
SELECT coalesce(sum(amount), 0)::bigint AS amount, count(DISTINCT device)::int AS devices,
       count(DISTINCT alert_type)::int AS alert_types
FROM unmatched_clears
WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date;
