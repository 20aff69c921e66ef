-- What Defender writes, as it writes it: every value a text. A record of the streaming export has its event in `properties`, as
-- JSON; a row of the table and of a CSV has a column a field. Log Analytics calls the time `TimeGenerated`, and its CSV has
-- the zone in the names of columns.
{{- $at := "multiIf(properties != '' AND JSONExtractString(properties, 'Timestamp') != '', JSONExtractString(properties, 'Timestamp'), properties != '', time, Timestamp != '', Timestamp, TimeGenerated != '', TimeGenerated, `Timestamp [UTC]` != '', `Timestamp [UTC]`, `TimeGenerated [UTC]`)"}}
CREATE TABLE IF NOT EXISTS {{table "DeviceNetworkEvents"}}
(
    `time`                           String,
    `category`                       LowCardinality(String),
    `properties`                     String,
    `Timestamp`                      String,
    `Timestamp [UTC]`                String,
    `TimeGenerated`                  String,
    `TimeGenerated [UTC]`            String,
    `DeviceId`                       LowCardinality(String),
    `DeviceName`                     LowCardinality(String),
    `ActionType`                     LowCardinality(String),
    `RemoteIP`                       String,
    `RemotePort`                     String,
    `RemoteUrl`                      String,
    `LocalIP`                        LowCardinality(String),
    `LocalPort`                      String,
    `Protocol`                       LowCardinality(String),
    `LocalIPType`                    LowCardinality(String),
    `RemoteIPType`                   LowCardinality(String),
    `InitiatingProcessFileName`      LowCardinality(String),
    `InitiatingProcessFolderPath`    LowCardinality(String),
    `InitiatingProcessAccountDomain` LowCardinality(String),
    `InitiatingProcessAccountName`   LowCardinality(String),
    `InitiatingProcessSHA256`        LowCardinality(String),
    `InitiatingProcessCommandLine`   String,
    `InitiatingProcessId`            String,
    `ReportId`                       String,
    `AdditionalFields`               String,
    {{provenance (dated (printf "if(match(%[1]s, '^[0-9]{1,2}/'), parseDateTime64BestEffortUSOrZero(%[1]s, 6, 'UTC'), %[2]s)" $at (time $at)))}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `DeviceName`)
{{keeping}}
