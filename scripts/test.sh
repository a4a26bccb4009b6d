#!/usr/bin/env bash
# The whole suite, on two cores. While the browser mostly waits, the other core works through what is one process each: core (with
# its coverage), the apps, the same promises on PostgreSQL. The flows follow, in three processes of which one mostly waits too.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
mkdir -p var
# Tests start Studio's programs a few hundred times: each would compile its modules anew.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/var/pycache"
# Two processes share two cores: threads that NumPy starts for each would only wait for each other.
export OPENBLAS_NUM_THREADS=1
failed=0

run() { printf '\n== %s\n' "$1"; shift; "$@" || failed=1; }

core_with_coverage() {
    coverage erase &&
        coverage run -m pytest -q tests/core &&
        coverage report --include='*/core/*' --skip-covered --fail-under=95
}

beside_the_browser() {
    result=0
    core_with_coverage >var/test-core.log 2>&1 || result=1
    pytest -q tests/apps >var/test-apps.log 2>&1 || result=1
    python -m tests.on_postgres >var/test-postgres.log 2>&1 || result=1
    return "$result"
}

beside_the_browser &
beside=$!
run "pages, in a real Chromium" pytest -q tests/browser
run "scripts of the pages" npm run --silent test
# The long ones first, or the last of them would run alone.
run "flows and services" pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/flows tests/services
wait "$beside" || failed=1
run "pure core, with coverage" cat var/test-core.log
run "apps" cat var/test-apps.log
run "the same promises on PostgreSQL" cat var/test-postgres.log

[ "$failed" = 0 ] || { printf '\nsomething failed: see above\n'; exit 1; }
printf '\nall passed\n'
