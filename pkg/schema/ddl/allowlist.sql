-- Findings that somebody has looked at and does not want to see. A field that is empty fits every finding; all others
-- must fit every connection of it. An entry needs a Reason, an Owner and at least one of Domain, Network, Process and
-- Device; one that is not valid hides nothing, and the data source's health check says so. Running this again changes
-- nothing.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Domain`   String COMMENT 'the hosts are this domain or lie under it',
    `Network`  String COMMENT 'the addresses lie in it: 203.0.113.0/24, 2001:db8::/32 or one address',
    `Process`  String COMMENT 'the file name of the processes, in any case',
    `Device`   String COMMENT 'the name or the identifier of the devices',
    `Detector` LowCardinality(String) COMMENT 'beaconing, dynamicDns or fastFlux; empty for all',
    `Reason`   String COMMENT 'why the findings are harmless',
    `Owner`    String COMMENT 'who answers for that',
    `Expires`  Nullable(DateTime('UTC')) COMMENT 'when it ends to hide anything; NULL for never'
)
ENGINE = MergeTree
ORDER BY (`Detector`, `Domain`, `Network`, `Process`, `Device`)
