-- What can be delivered over another channel is found without reading the whole outbox.

CREATE INDEX notification_outbox_failover ON notification_outbox (kind, channel) WHERE facts ? 'failover';
