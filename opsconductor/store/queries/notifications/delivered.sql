-- name: first_delivery
-- When channel $2 first delivered something about the alert of fingerprint $1.
SELECT min(logged.sent_at)
FROM alerts
JOIN notification_log logged ON logged.alert_id = alerts.id
WHERE alerts.fingerprint = $1 AND logged.channel = $2 AND logged.status = 'sent';
