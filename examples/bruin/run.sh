#!/bin/sh
# Secrets that an asset declares in its own comment block, and its pipeline's defaults after them.
#   agent secret put MY_API_KEY ; agent secret put SLACK_WEBHOOK ; agent secret put DATABASE_NAME
#   agent secret put db-creds           ({"user":"app","password":"pw"})
cd -- "$(dirname -- "$0")" || exit
exec launcher --bindings asset.py --bindings pipeline.yml -- python3 asset.py
