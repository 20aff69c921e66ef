,
-- What every detector's findings have beside their own columns.
graded AS
(
    SELECT
        *,
{{- if .ASN}}
        -- an address that no prefix holds has number 0; what is no address is looked up nowhere
        dictGetOrDefault({asnDictionary:String}, ('ASN', 'Name'), toIPv6OrDefault(RemoteIP), (toUInt32(0), '')) AS AutonomousSystem,
        if({{.Address}} = '' OR tupleElement(AutonomousSystem, 1) = 0, NULL, toInt64(tupleElement(AutonomousSystem, 1))) AS ASN,
        if(isNull(ASN), '', tupleElement(AutonomousSystem, 2)) AS ASName,
        toInt64(has({{.Suspicious}}, ifNull(ASN, 0))) AS SuspiciousASN,
{{- else}}
        CAST(NULL, 'Nullable(Int64)') AS ASN,
        '' AS ASName,
        toInt64(0) AS SuspiciousASN,
{{- end}}
        -- the highest of the conditions in severity.go that hold, and a step more in a suspicious network
        {{.Severity}} AS Severity,
        -- no time and no count is in it: the same finding has the same key at any time
        {{.Key}} AS FindingKey
{{- if .Host}}
    FROM (SELECT *, {{.Host}} AS RemoteHost FROM {{.From}})
{{- else}}
    FROM {{.From}}
{{- end}}
)
