ALTER TABLE {{.Runs}} ADD COLUMN IF NOT EXISTS `{{.Column.Name}}` {{.Column.Type}} CODEC(ZSTD(1))
