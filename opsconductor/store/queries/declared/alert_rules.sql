-- name: alert_rules
-- The enabled rules over measured values.
SELECT id, name, scope, metric, resource, expression, direction, warning, critical, hysteresis, samples, category,
       alert_type, hold_back
FROM alert_rules
WHERE enabled
ORDER BY name;
