# Where alerts go. The texts are those of provisioning/notifications/template.yaml: what others write (names, URLs, addresses) is defanged.

locals {
  template = yamldecode(file("${path.module}/../../provisioning/notifications/template.yaml")).templates[0]
}

resource "grafana_message_template" "fluxhound" {
  name     = local.template.name
  template = local.template.template
}

resource "grafana_contact_point" "fluxhound" {
  name = "Fluxhound webhook"

  webhook {
    url         = var.webhook_url
    http_method = "POST"
    title       = "{{ template \"fluxhound.title\" . }}"
    message     = "{{ template \"fluxhound.message\" . }}"
  }

  depends_on = [grafana_message_template.fluxhound]
}

# REPLACES THE WHOLE POLICY TREE of the organization, which has one. Where you have a tree of your own, add the inner policy to it.
resource "grafana_notification_policy" "fluxhound" {
  count = var.replace_notification_policy ? 1 : 0

  contact_point = var.default_contact_point
  group_by      = ["grafana_folder", "alertname"]

  policy {
    matcher {
      label = "app"
      match = "="
      value = "fluxhound"
    }

    contact_point   = grafana_contact_point.fluxhound.name
    group_by        = ["alertname", "detector", "device"]
    group_wait      = "30s"
    group_interval  = "5m"
    repeat_interval = "12h"
  }
}
