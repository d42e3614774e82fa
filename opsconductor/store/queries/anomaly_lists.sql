-- name: anomalies
-- A page of anomalies, the latest first; null: any.
SELECT a.*, r.name AS rule_name
FROM anomalies a LEFT JOIN alert_rules r ON r.id = a.rule_id
WHERE ($1::text[] IS NULL OR a.device_key = ANY ($1))
  AND ($2::text[] IS NULL OR a.status = ANY ($2))
  AND ($3::text[] IS NULL OR a.severity = ANY ($3))
  AND ($4::text IS NULL OR a.device_key = $4 OR lower(a.device_name) = lower($4))
  AND ($5::text IS NULL OR a.site = $5)
  AND ($6::text IS NULL OR a.metric = $6)
  AND ($7::text IS NULL OR a.device_name ILIKE $7 OR a.metric ILIKE $7 OR a.resource ILIKE $7
       OR a.explanation->>'title' ILIKE $7)
  AND ($8::text IS NULL OR a.algorithm_used = $8)
  AND ($9::boolean IS NULL OR a.is_admitted = $9)
  AND ($10::boolean IS NULL OR (a.ended_at IS NULL) = $10)
  AND ($11::timestamptz IS NULL OR a.detected_at >= $11)
  AND ($12::timestamptz IS NULL OR a.detected_at < $12)
  AND ($13::boolean OR a.group_id IS NULL)
  AND ($14::timestamptz IS NULL OR (a.detected_at, a.id) < ($14, $15::uuid))
ORDER BY a.detected_at DESC, a.id DESC
LIMIT $16;
