-- Which connections beaconing looks at.
-- `in` is case-sensitive, in KQL as here
ActionType IN { {{- .Prefix}}_actionTypes:Array(String)}
{{- if .HasRemotePort}}
AND RemotePort IN { {{- .Prefix}}_ports:Array(Int64)}
{{- end}}
-- not(ipv4_is_private(RemoteIP)): what is no address is dropped
AND {{if .Hosts}}(IsName OR {{.Public}}){{else}}{{.Public}}{{end}}
