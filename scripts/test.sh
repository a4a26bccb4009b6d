#!/usr/bin/env bash
# The whole suite. On two cores: core (with its coverage) and PostgreSQL beside the browser, which mostly waits; the rest follows
# the browser in three processes, of which one mostly waits too.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
mkdir -p var
# Tests start Studio's programs a few hundred times: each would compile its modules anew.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/var/pycache"
failed=0

run() { printf '\n== %s\n' "$1"; shift; "$@" || failed=1; }

core_with_coverage() {
    coverage erase &&
        coverage run -m pytest -q tests/core &&
        coverage report --include='*/core/*' --skip-covered --fail-under=95
}

beside_the_browser() {
    core_with_coverage >var/test-core.log 2>&1
    core=$?
    python -m tests.on_postgres >var/test-postgres.log 2>&1 && [ "$core" = 0 ]
}

beside_the_browser &
beside=$!
run "pages, in a real Chromium" pytest -q tests/browser
run "scripts of the pages" npm run --silent test
# The long ones first, or the last of them would run alone.
run "flows, services and apps" pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/flows tests/services tests/apps
wait "$beside" || failed=1
run "pure core, with coverage" cat var/test-core.log
run "the same promises on PostgreSQL" cat var/test-postgres.log

[ "$failed" = 0 ] || { printf '\nsomething failed: see above\n'; exit 1; }
printf '\nall passed\n'
