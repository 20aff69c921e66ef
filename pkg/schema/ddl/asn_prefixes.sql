-- Which autonomous system a network belongs to: one row is one prefix. Fill it with `fluxhound asn`. Running this again
-- changes nothing.
CREATE TABLE IF NOT EXISTS {{.Prefixes}}
(
    `Prefix` String COMMENT 'CIDR, such as 203.0.113.0/24 or 2001:db8::/32',
    `ASN`    UInt32 COMMENT 'the number of the autonomous system',
    `Name`   String COMMENT 'its name'
)
ENGINE = MergeTree
ORDER BY `Prefix`
