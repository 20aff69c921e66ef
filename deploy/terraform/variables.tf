variable "clickhouse" {
  description = "The data source's settings, in the words of its jsonData: host (name:port, several separated by commas), protocol, username, database and what else it takes."
  type        = any
  default = {
    host     = "clickhouse:9000"
    protocol = "native"
    username = "fluxhound_reader"
    database = "default"
  }
}

variable "clickhouse_password" {
  description = "The password of that user, who may only read."
  type        = string
  sensitive   = true
}

variable "rule_files" {
  description = "Which files of provisioning/alerting are made rules: repointed.yaml and threat-intel.yaml need a ledger and a table of indicators, high-fidelity.yaml ships paused."
  type        = set(string)
  default     = ["cases.yaml", "detections.yaml", "health.yaml"]
}

variable "webhook_url" {
  description = "Where notifications go."
  type        = string
  sensitive   = true
}

variable "replace_notification_policy" {
  description = "Whether the organization's whole policy tree is replaced by the one of this example. Elsewhere add its route to your own."
  type        = bool
  default     = false
}

variable "default_contact_point" {
  description = "Who hears of all other alerts, where the policy tree is replaced."
  type        = string
  default     = "grafana-default-email"
}
