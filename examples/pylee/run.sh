#!/bin/sh
# References in configuration: several in one text, defaults, files, and a rendered configuration file.
#   agent secret put db-creds ({"user":"app","password":"p@ss/word"}) ; agent secret put jwt-key ; agent secret put api-token
cd -- "$(dirname -- "$0")" || exit
exec launcher --bindings server.yaml --template client.toml.tmpl=CLIENT_CONFIG -- sh -c '
  echo "$DATABASE_URL"
  echo "$API_REGION ${ANALYTICS_TOKEN-none}"
  cat "$CLIENT_CONFIG"
  wc -c < "$JWT_KEY_FILE"'
