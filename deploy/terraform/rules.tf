# The shipped alert rules, read from the files that Grafana itself can read at its start: there is no second copy to keep up. To tune a rule,
# change it there.

locals {
  rule_files = [for name in var.rule_files : yamldecode(file("${path.module}/../../provisioning/alerting/${name}"))]

  rule_groups = merge([for content in local.rule_files : { for group in content.groups : group.name => group }]...)
}

resource "grafana_rule_group" "fluxhound" {
  for_each = local.rule_groups

  name             = each.value.name
  folder_uid       = grafana_folder.fluxhound.uid
  interval_seconds = tonumber(regex("[0-9]+", each.value.interval)) * { s = 1, m = 60, h = 3600 }[regex("[a-z]+", each.value.interval)]

  dynamic "rule" {
    for_each = each.value.rules

    content {
      uid                             = rule.value.uid
      name                            = rule.value.title
      condition                       = rule.value.condition
      for                             = rule.value.for
      keep_firing_for                 = try(rule.value.keepFiringFor, null)
      missing_series_evals_to_resolve = try(rule.value.missing_series_evals_to_resolve, null)
      no_data_state                   = rule.value.noDataState
      exec_err_state                  = rule.value.execErrState
      is_paused                       = try(rule.value.isPaused, false)
      labels                          = rule.value.labels
      annotations                     = rule.value.annotations

      dynamic "data" {
        for_each = rule.value.data

        content {
          ref_id         = data.value.refId
          query_type     = try(data.value.queryType, "")
          datasource_uid = data.value.datasourceUid == "__expr__" ? "__expr__" : grafana_data_source.fluxhound.uid
          model          = jsonencode(data.value.model)

          relative_time_range {
            from = try(data.value.relativeTimeRange.from, 0)
            to   = try(data.value.relativeTimeRange.to, 0)
          }
        }
      }
    }
  }
}
