-- The entries of an allowlist's table, one more than may be used.
-- Row out: one entry; what is NULL is empty. The order is the same at every reading.
SELECT
    ifNull(toString(Domain), '') AS Domain,
    ifNull(toString(Network), '') AS Network,
    ifNull(toString(Process), '') AS Process,
    ifNull(toString(Device), '') AS Device,
    ifNull(toString(Detector), '') AS Detector,
    ifNull(toString(Reason), '') AS Reason,
    ifNull(toString(Owner), '') AS Owner,
    ifNull(formatDateTime(toDateTime64(t.Expires, 0, 'UTC'), '%Y-%m-%dT%H:%i:%SZ', 'UTC'), '') AS Expires
FROM {{.Table}} AS t
ORDER BY Domain, Network, Process, Device, Detector, Reason, Owner, Expires
LIMIT {limit:Int64}
