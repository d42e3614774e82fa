-- name: anomalies
-- A page of anomalies, the latest first; null: any.
-- Those of datasets are for who sees the dataset: user $19, key $20, all ($21), no one if $18 is false.
SELECT a.*, r.name AS rule_name, d.id AS dataset_id, d.name AS dataset_name
FROM anomalies a
LEFT JOIN alert_rules r ON r.id = a.rule_id
LEFT JOIN analyses ON analyses.id = a.analysis_id
LEFT JOIN datasets d ON d.id = analyses.dataset_id
WHERE CASE WHEN a.analysis_id IS NULL THEN ($1::text[] IS NULL OR a.device_key = ANY ($1))
           ELSE $18::boolean AND d.is_active
                AND ($21 OR d.is_shared OR coalesce(d.user_id = $19::uuid, false)
                     OR coalesce(d.key_id = $20::uuid, false)) END
  AND ($16::text IS NULL OR ($16 = 'dataset') = (a.analysis_id IS NOT NULL))
  AND ($17::uuid IS NULL OR a.analysis_id = $17)
  AND ($2::text[] IS NULL OR a.status = ANY ($2))
  AND ($3::text[] IS NULL OR a.severity = ANY ($3))
  AND ($4::text IS NULL OR a.device_key = $4 OR lower(a.device_name) = lower($4))
  AND ($5::text IS NULL OR a.site = $5)
  AND ($6::text IS NULL OR a.metric = $6)
  AND ($7::text IS NULL OR a.device_name ILIKE $7 OR a.metric ILIKE $7 OR a.resource ILIKE $7
       OR a.explanation->>'title' ILIKE $7 OR d.name ILIKE $7)
  AND ($8::text IS NULL OR a.algorithm_used = $8)
  AND ($9::boolean IS NULL OR a.is_admitted = $9)
  AND ($10::boolean IS NULL OR (a.ended_at IS NULL) = $10)
  AND ($11::timestamptz IS NULL OR a.detected_at >= $11)
  AND ($12::timestamptz IS NULL OR a.detected_at < $12)
  AND ($13::boolean OR a.group_id IS NULL)
  AND ($14::timestamptz IS NULL OR (a.detected_at, a.id) < ($14, $15::uuid))
ORDER BY a.detected_at DESC, a.id DESC
LIMIT $22;
