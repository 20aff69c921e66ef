-- What the demo's company remembers of the time before its week: all names were where they are for a month, but one that was elsewhere.
-- Rows in:  the ledger, as the week's events have filled it.
-- Row out:  one name and network, earlier.
-- Its DNS answers held for an hour then, and hold for a minute now.
INSERT INTO {{.Ledger}} (Name, Network, LowAddress, HighAddress, FirstSeen, LastSeen, Days, ShortestTTL)
SELECT
    Name,
    if(Name = {{.Moved}}, '192.0.2.0/24', Network) AS Then,
    if(Name = {{.Moved}}, '192.0.2.80', min(l.LowAddress)) AS Low,
    if(Name = {{.Moved}}, '192.0.2.80', max(l.HighAddress)) AS High,
    min(l.FirstSeen) - INTERVAL 30 DAY AS First,
    if(Name = '', max(l.LastSeen), min(l.FirstSeen) - INTERVAL 1 DAY) AS Last,
    if(Name = '', [], arrayMap(day -> toUInt16(toDate(First) + day), range(30))) AS SeenOn,
    if(Name = {{.Moved}}, 3600, NULL) AS TTL
FROM {{.Ledger}} AS l
GROUP BY Name, Network
UNION ALL
SELECT Name, Network, min(l.LowAddress), max(l.HighAddress), min(l.FirstSeen), max(l.LastSeen), [], 60
FROM {{.Ledger}} AS l
WHERE Name = {{.Moved}}
GROUP BY Name, Network
