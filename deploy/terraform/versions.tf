terraform {
  required_version = ">= 1.5"

  required_providers {
    grafana = {
      source  = "grafana/grafana"
      version = "~> 4.45"
    }
  }
}

# GRAFANA_URL and GRAFANA_AUTH in the environment say where Grafana is and who asks.
provider "grafana" {}
