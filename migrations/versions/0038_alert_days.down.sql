DROP INDEX alert_history_flapping;
DROP TABLE alert_days;
