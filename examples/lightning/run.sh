#!/bin/sh
# One stored secret beside a plain variable, in a coordinator and in the workers that it starts.
#   agent secret put my-secret          (some-value)
exec launcher --secret MY_APP_SECRET=my-secret --env FOO=bar -- python3 "$(dirname -- "$0")/flow.py" "$@"
