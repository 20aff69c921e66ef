-- The ports that devices connect to, the most used ones first: at most as many as a list of ports may hold.
SELECT toInt64(RemotePort) AS Port
FROM {{.Table}}
WHERE NOT startsWith(ActionType, 'Inbound')
GROUP BY Port
ORDER BY count() DESC, Port
LIMIT 1000
