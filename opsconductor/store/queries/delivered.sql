-- name: first_delivery
-- When channel $2 first delivered something about the alert of fingerprint $1.
SELECT min(told.sent_at)
FROM alerts
JOIN notification_log told ON told.alert_id = alerts.id
WHERE alerts.fingerprint = $1 AND told.channel = $2 AND told.status = 'sent';
