-- What Sysmon writes, as a shipper writes it: every value a text. The event's own fields stand here, or as JSON in one of
-- `winlog`, `event_data`, `EventData` and `Event`. The time is UtcTime, which has no zone and is UTC; NXLog's own EventTime is
-- local time, and not kept.
CREATE TABLE IF NOT EXISTS {{table "event"}}
(
    `@timestamp`          String,
    `winlog`              String,
    `event_data`          String,
    `EventData`           String,
    `Event`               String,
    `System`              String,
    `EventID`             LowCardinality(String),
    `Hostname`            LowCardinality(String),
    `Computer`            LowCardinality(String),
    `ComputerName`        LowCardinality(String),
    `computer_name`       LowCardinality(String),
    `host`                String,
    `UtcTime`             String,
    `ProcessGuid`         String,
    `ProcessId`           String,
    `Image`               LowCardinality(String),
    `User`                LowCardinality(String),
    `Protocol`            LowCardinality(String),
    `Initiated`           LowCardinality(String),
    `SourceIp`            String,
    `SourceHostname`      LowCardinality(String),
    `SourcePort`          String,
    `DestinationIp`       String,
    `DestinationHostname` String,
    `DestinationPort`     String,
    `QueryName`           String,
    `QueryStatus`         LowCardinality(String),
    `QueryResults`        String,
    {{provenance (time "multiIf(UtcTime != '', UtcTime, winlog != '', JSONExtractString(winlog, 'event_data', 'UtcTime'), event_data != '', JSONExtractString(event_data, 'UtcTime'), EventData != '', JSONExtractString(EventData, 'UtcTime'), JSONExtractString(Event, 'EventData', 'UtcTime'))")}}
)
ENGINE = {{engine}}
ORDER BY (toStartOfHour(EventTime), `Hostname`)
{{keeping}}
