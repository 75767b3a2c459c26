#!/bin/sh
# Literals of the document and a stored secret in one text.
#   agent secret put grafana-token
cd -- "$(dirname -- "$0")" || exit
exec launcher --bindings integration.yaml -- sh -c 'echo "$GRAFANA_URL"'
