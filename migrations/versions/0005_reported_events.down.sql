-- Without events that scripts report; keys that may do nothing else may do nothing any more, so they go.

DROP TABLE reported_keys;
DELETE FROM api_keys WHERE scopes = '{reporter}';
DELETE FROM roles WHERE name = 'reporter';
UPDATE roles SET permissions = array_remove(permissions, 'report');
