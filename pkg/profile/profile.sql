-- What the events of a window can be used for, from a sample: for each sensor (Source) and interval the newest events, in
-- whole slices of time, until there are enough. The last relation, counted, is what rows.sql and quality_*.sql read.
-- Rows in:  events of the window that pass the query's filters, and those that are dated in the future.
-- Row out:  of counted: one interval, sensor, rule and reason. A sampled event has one reason for each detector's rule (match
--           where nothing keeps it from being looked at), and beside them, under an empty Detector, every gap that it has.
-- Parameters: profile_*, see statement.go; from, to and filter* belong to the source, whose end lies after the window's.
WITH
clock AS
(
    {{.Source.Select 4 "Timestamp" .SourceColumn}}
),
-- For each sensor and interval: from which slice of time on there are enough events, and how many there are in all. Reads no
-- more than times and sensors, once: a value of the statement is asked once, however often it stands.
(
    SELECT groupArray((Source, Bucket, Start, Total))
    FROM
    (
        SELECT Source, Bucket, minIf(Slice, Newer < {profile_sample:Int64}) AS Start, toInt64(sum(Events)) AS Total
        FROM
        (
            SELECT
                *,
                sum(Events) OVER (PARTITION BY Source, Bucket ORDER BY Slice DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - Events AS Newer
            FROM
            (
                SELECT
                    {{.SourceName}} AS Source,
                    {{.Bucket}} AS Bucket,
                    intDiv(toUnixTimestamp64Milli(Timestamp), {profile_slice:Int64}) AS Slice,
                    count() AS Events
                FROM clock
                WHERE Timestamp < {profile_to:DateTime64(3, 'UTC')}
                GROUP BY {{.GroupBy}}Slice
            )
        )
        GROUP BY Source, Bucket
        ORDER BY Total DESC, Source, Bucket
        LIMIT {profile_most:Int64} -- a column that is no sensor's name may have millions of values
    )
) AS kept,
totals AS
(
    SELECT tupleElement(Kept, 1) AS Source, tupleElement(Kept, 2) AS Bucket, tupleElement(Kept, 4) AS Total
    FROM (SELECT arrayJoin(kept) AS Kept)
),
wide AS
(
    {{.Source.Select 4 .Columns "RemoteAddress" "RemoteIPv4Number" "RemoteIPNumber" "ProcessName" "DeviceKey" "Device"}}
),
-- What is the same in every column is one row with its number of copies.
sample AS
(
    SELECT *, toInt64(count()) AS Copies
    FROM
    (
        SELECT
            *,{{if not .SourceColumn}}
            '' AS Source,{{end}}
            {{.Bucket}} AS Bucket
        FROM wide
        WHERE Timestamp < {profile_to:DateTime64(3, 'UTC')}
          AND Timestamp >= fromUnixTimestamp64Milli(arrayMin(arrayMap(k -> tupleElement(k, 3), kept)) * {profile_slice:Int64}, 'UTC')
{{- if .Key}}
          AND intDiv(toUnixTimestamp64Milli(Timestamp), {profile_slice:Int64}) >= transform({{.Key}}, arrayMap(k -> {{.KeptKey}}, kept), arrayMap(k -> tupleElement(k, 3), kept), {{.Never}})
{{- end}}
        LIMIT {profile_rows:Int64} -- where one slice holds all events
    )
    GROUP BY ALL
),
read AS
(
    SELECT
        *,
        min(DeviceKey) OVER (PARTITION BY Device) != max(DeviceKey) OVER (PARTITION BY Device) AS SeveralSpellings,
        {{.Nothing "RemoteUrl"}} AS Nameless,
        -- an address with a port, in brackets, with a zone, or in its IPv4-mapped form: it is read, and filters compare what is written.
        -- A private one is none that detectors look at, however it is written.
        RemoteAddress NOT IN ('', RemoteIP) AND NOT match(RemoteIP, '^[0-9A-Fa-f:]+$')
            AND NOT match(RemoteAddress, '^(10|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))[.]') AS AddressWritten,
        -- why an address is none that detectors look at by default, unless it is public
        multiIf(
            {{.Nothing "RemoteIP"}}, 'addressMissing',
            RemoteAddress = '', 'addressUnreadable',
            position(RemoteAddress, ':') > 0, 'addressIPv6',
            'addressPrivate') AS AddressClass
    FROM sample
),
judged AS
(
    SELECT
        *
{{- range .Rules}},
        -- {{.Label}}: the first condition that keeps the event out
        multiIf(
{{- range .Conditions}}
            {{.If}}, {{.Reason}},
{{- else}}
            0, '',
{{- end}}
            'match') AS {{.Detector}}Reason
{{- end}}
    FROM read
),
marked AS
(
    SELECT
        Source,
        Bucket,
        Timestamp,
        Device,
        tupleElement(Mark, 1) AS Detector,
        tupleElement(Mark, 2) AS Reason,
        tupleElement(Mark, 3) AS Example,
        if(Reason = 'duplicate', Copies - 1, Copies) AS Weight
    FROM
    (
        SELECT
            Source,
            Bucket,
            Timestamp,
            Device,
            Copies,
            arrayJoin([
{{- range .Rules}}
                (
                    '{{.Detector}}',
                    {{.Detector}}Reason,
                    multiIf(
                        {{.Detector}}Reason IN ('actionType', 'inbound'), ActionType,
                        startsWith({{.Detector}}Reason, 'address'), RemoteIP,
{{- if $.Has "RemotePort"}}
                        {{.Detector}}Reason = 'port', ifNull(toString(RemotePort), ''),
{{- end}}
{{- if $.Has "InitiatingProcessFileName"}}
                        {{.Detector}}Reason = 'process', InitiatingProcessFileName,
{{- end}}
                        '')
                ),
{{- end}}
                ('', 'sampled', ''),
                ('', if(Copies > 1, 'duplicate', ''), ''),
                ('', if(AddressWritten, 'addressWritten', ''), RemoteIP),
                ('', if(AddressClass = 'addressUnreadable', 'addressUnreadable', ''), RemoteIP),
{{- if .Has "RemotePort"}}
                ('', if({{.PortUnknown}}, 'portMissing', ''), ''),
{{- end}}
                ('', if(Nameless, 'nameMissing', ''), ''),
                ('', if(Nameless AND RemoteUrl != '', 'namePlaceholder', ''), RemoteUrl),
                -- blanks around it, control characters, backslashes, bytes that are no UTF-8
                ('', if(RemoteUrl != trimBoth(RemoteUrl) OR match(RemoteUrl, '[\\x00-\\x1F\\x7F\\\\]') OR NOT isValidUTF8(RemoteUrl), 'nameWritten', ''), toValidUTF8(RemoteUrl)),
{{- if .Has "InitiatingProcessFileName"}}
                ('', if({{.Nothing "InitiatingProcessFileName"}}, 'processMissing', ''), InitiatingProcessFileName),
                ('', if(match(InitiatingProcessFileName, '[/\\\\"]'), 'processPath', ''), InitiatingProcessFileName),
{{- end}}
{{- if .Has "SentBytes"}}
                ('', multiIf(isNull(SentBytes), 'bytesUnknown', SentBytes = 0, 'bytesZero', ''), ''),
{{- end}}
                ('', if({{.Nothing "DeviceId"}}, 'deviceIdMissing', ''), DeviceId),
                ('', if(SeveralSpellings, 'deviceSpelling', ''), DeviceKey)
            ]) AS Mark
        FROM judged
    )
    WHERE Reason != ''
{{- if .Clock}}
    UNION ALL
    -- Event time is not arrival time: what is dated in the future comes from a device whose clock is ahead.
    SELECT
        {{.SourceName}} AS Source,
        toInt64(0) AS Bucket,
        Timestamp,
        Device,
        '' AS Detector,
        'future' AS Reason,
        DeviceKey AS Example,
        toInt64(1) AS Weight
    FROM wide
    WHERE Timestamp >= {profile_ahead:DateTime64(3, 'UTC')}
{{- end}}
),
-- The examples are the most frequent ones.
counted AS
(
    SELECT
        Source,
        Bucket,
        Detector,
        Reason,
        toInt64(sum(Weight)) AS Events,
        toInt64(uniqExactMerge(Devices)) AS Devices,
        min(Oldest) AS Oldest,
        max(Newest) AS Newest,
        arrayMap(e -> tupleElement(e, 2), arraySlice(arraySort(groupArrayIf((-toInt64(Weight), Example), Example != '')), 1, {profile_examples:Int64})) AS Examples
    FROM
    (
        SELECT
            Source,
            Bucket,
            Detector,
            Reason,
            left(Example, 100) AS Example,
            sum(marked.Weight) AS Weight,
            uniqExactState(Device) AS Devices,
            min(Timestamp) AS Oldest,
            max(Timestamp) AS Newest
        FROM marked
        GROUP BY Source, Bucket, Detector, Reason, Example
    )
    GROUP BY Source, Bucket, Detector, Reason
)
