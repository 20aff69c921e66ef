-- Where devices connected to, by the events of a time. Hosts are those of cases, and so are the connections: outbound ones, whatever came
-- of them.
-- Rows in:  events of [from, to), without those of drills, which nobody shall remember.
-- Row out:  one host, as the ledger keeps it, and two of the empty host: for the time itself, and for the devices of all hosts.
-- Parameters: from and to; ledger_*, as cases have them, and the beginning of the names of drills' devices.
WITH
-- Each URL and address once, so that hosts are cut out of these alone.
written AS
(
    SELECT
        RemoteUrl,
        RemoteAddress,
        min(seen.Timestamp) AS First,
        max(seen.Timestamp) AS Last,
        groupBitmapState(toUInt16(toDate(seen.Timestamp, 'UTC'))) AS DaysOf,
        uniqCombinedState(12)(cityHash64(Device)) AS DevicesOf
    FROM
    (
        {{.Events.Select 8 "Timestamp" "DeviceId" "DeviceName" "Device" "ActionType" "RemoteAddress" "RemoteUrl"}}
    ) AS seen
    WHERE ActionType IN {ledger_actionTypes:Array(String)}
      AND NOT startsWith(lower(DeviceName), {ledger_drills:String})
    GROUP BY RemoteUrl, RemoteAddress
),
{{.Hosts}},
led AS
(
    SELECT
        Host,
        min(First) AS FirstTime,
        max(Last) AS LastTime,
        groupBitmapMergeState(DaysOf) AS AllDays,
        uniqCombinedMergeState(12)(DevicesOf) AS AllDevices,
        -- of several connections at once the first address by its text
        argMinState((RemoteAddress, {{.Network}}), (First, RemoteAddress)) AS Place
    FROM judged
    -- a name of the internet, or a public address
    WHERE IsName OR {{.Public}}
    GROUP BY GROUPING SETS ((Host), ()) -- all of them together as the empty host
)
SELECT
    Host,
    if(Host = '', {from:DateTime64(3, 'UTC')}, FirstTime) AS FirstSeen,
    if(Host = '', {to:DateTime64(3, 'UTC')}, LastTime) AS LastSeen,
    AllDays AS Days,
    AllDevices AS Devices,
    Place AS FirstPlace,
    now('UTC') AS Filled
FROM led
UNION ALL
-- The days that were looked at, also where nothing was seen. The last one ends before to.
SELECT
    '',
    {from:DateTime64(3, 'UTC')},
    {to:DateTime64(3, 'UTC')},
    arrayReduce('groupBitmapState', range(toUInt16(toDate({from:DateTime64(3, 'UTC')}, 'UTC')), toUInt16(toDate({to:DateTime64(3, 'UTC')} - toIntervalMillisecond(1), 'UTC') + 1))),
    uniqCombinedStateIf(12)(toUInt64(0), 0),
    argMinStateIf(('', ''), ({from:DateTime64(3, 'UTC')}, ''), 0),
    now('UTC')
