# Fluxhound in a Grafana that has the plugin: data source, folder and dashboards. Grafana knows a data source, a dashboard and a rule by its
# uid: use this or the files of provisioning/, not both.

resource "grafana_data_source" "fluxhound" {
  name = "Fluxhound"
  uid  = "fluxhound" # links in the rules' annotations name it
  type = "fluxhound-detections-datasource"

  json_data_encoded        = jsonencode(var.clickhouse)
  secure_json_data_encoded = jsonencode({ password = var.clickhouse_password })
}

resource "grafana_folder" "fluxhound" {
  uid   = "fluxhound"
  title = "Fluxhound"
}

resource "grafana_dashboard" "fluxhound" {
  for_each = fileset("${path.module}/../../dashboards", "*.json")

  folder      = grafana_folder.fluxhound.uid
  config_json = file("${path.module}/../../dashboards/${each.value}")
  overwrite   = true
}
