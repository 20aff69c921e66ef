-- Domains of dynamic DNS providers beside those that Fluxhound knows. Running this again changes nothing.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Suffix`   String COMMENT 'such as dyn.example.com: names under it count, the domain itself does not',
    `Provider` String COMMENT 'shown with each name; empty for the suffix itself'
)
ENGINE = ReplacingMergeTree
ORDER BY `Suffix`
