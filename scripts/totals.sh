#!/bin/sh
# Adds up what the test runs said: Maven's reports and cargo's lines in target/test.log. Run by test.sh from the root.
# $1 is how many checks outside the tests failed. Exits 1 for any failure, and for a skipped test that does not name
# the missing thing it needs.
set -eu

# Every report on one line a test suite or skipped test, whatever their line breaks.
reports() {
  find . -path '*/target/surefire-reports/TEST-*.xml' -exec cat {} + | tr '\n' ' ' | sed 's/<\(testsuite\|testcase\|skipped\) /\n<\1 /g'
}

# shellcheck disable=SC2016 # awk's own variables
totals='
function attribute(name,   at) {
  at = match($0, " " name "=\"[^\"]*\"")
  return at ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}
# In the attribute, or before the stack trace.
function reason(   text) {
  text = attribute("message")
  if (text == "" && match($0, /TestAbortedException: [^\t]*/)) {
    text = substr($0, RSTART + 22, RLENGTH - 22)
    sub(/^Assumption failed: /, "", text)
    sub(/ +$/, "", text)
  }
  return text
}
/^<testsuite / {
  tests += attribute("tests"); failed += attribute("failures") + attribute("errors"); skipped += attribute("skipped")
}
/^<testcase / { test = attribute("classname") "." attribute("name") }
/^<skipped / {
  message = reason()
  named = message ~ /needs [^ ]/
  print (named ? "skipped: " : "skipped without naming what it needs: ") test ": " message
  unnamed += !named
}
/^test result: / { tests += $4 + $6 + $8; failed += $6; skipped += $8; unnamed += $8 }
END {
  if (tests == 0) print "no test ran"
  print tests - failed - skipped " passed, " failed " failed, " skipped " skipped"
  exit failed + unnamed + checks > 0 || tests == 0
}'

[ "$1" -eq 0 ] || printf '%s of the checks and builds above failed\n' "$1"
grep -E '^\[[A-Z]+\] Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$' target/test.log || :
{ reports; echo; grep -o 'test result: .*' target/test.log || :; } | awk -v checks="$1" "$totals"
