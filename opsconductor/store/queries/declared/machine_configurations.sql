-- name: machine_configurations
-- The enabled configurations of types of machines.
SELECT id, machine_type, baselines, operational_pattern, thresholds
FROM machine_configurations
WHERE enabled
ORDER BY machine_type;

-- name: use
-- What enabled configurations are about: their devices, and the metrics that these have.
SELECT c.machine_type, c.baselines, c.thresholds,
       (SELECT count(*) FROM devices d
        WHERE lower(d.device_type) = lower(c.machine_type) AND d.retired_at IS NULL) AS devices,
       ARRAY(SELECT DISTINCT s.metric
             FROM devices d JOIN metric_series s ON s.device_id = d.id
             WHERE lower(d.device_type) = lower(c.machine_type) AND d.retired_at IS NULL) AS metrics
FROM machine_configurations c
WHERE c.enabled
ORDER BY c.machine_type;
