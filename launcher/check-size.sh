#!/bin/sh
# check-size.sh FILE BUDGET: prints the size of FILE in bytes, and fails if it is over BUDGET.
set -eu
size=$(wc -c <"$1")
echo "built $1: $size bytes, $2 allowed"
[ "$size" -le "$2" ] || { echo "$1 is over its budget" >&2; exit 1; }
