DROP INDEX audit_log_actor, audit_log_subject, anomalies_device_name, notification_log_failed,
    notification_log_reached;
