WITH
-- What a run of the detector found, as it was kept.
findings AS
(
    SELECT
{{- range .Columns}}
        {{.}},
{{- end}}
        Severity AS KeptSeverity, -- as it was found
        arrayZip(EveryDeviceId, EveryDeviceName) AS EveryDevice
    FROM {{.Runs}}
    WHERE Question = {{.Prefix}}_question:String}
      AND Run = {{.Prefix}}_run:DateTime64(3, 'UTC')}
      AND Build = {{.Prefix}}_build:Int64}
      AND Place > 0
{{- range .Least}}
      -- the run looked at more
      AND {{.}}
{{- end}}
)
