-- The database of the events table, for a ClickHouse that does not have it yet.
CREATE DATABASE IF NOT EXISTS {{.Database}}
