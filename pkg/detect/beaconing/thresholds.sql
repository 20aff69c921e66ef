-- Which groups of connections are a beacon.
ConnectionCount >= { {{- .Prefix}}_minConnections:Int64}
{{- if .HasSentBytes}}
{{- if .Keep}}
-- bytes that no event of the group counts are not known, which is not 0
AND (isNull(BytesSent) OR BytesSent > { {{- .Prefix}}_bytesSentOver:Int64})
{{- else}}
-- null bytes count as 0
AND ifNull(BytesSent, 0) > { {{- .Prefix}}_bytesSentOver:Int64}
{{- end}}
{{- end}}
AND DurationHours > { {{- .Prefix}}_durationHoursOver:Int64}
-- between: both ends are in
AND BeaconRate >= { {{- .Prefix}}_minBeaconRate:Float64}
AND BeaconRate <= { {{- .Prefix}}_maxBeaconRate:Float64}
