#!/bin/sh
# All secrets of a project in all of its runs, under their own names: api.key becomes API_KEY. Arguments pass unchanged.
exec launcher --all -- python3 "$(dirname -- "$0")/run.py" "$@"
