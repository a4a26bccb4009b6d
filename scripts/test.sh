#!/usr/bin/env bash
# The whole suite, on two cores, which are never to wait: the browser's tests wait for pages, the flows for servers, leases and
# locks, and what is one process each (the checks, core with its coverage, the fuzzed schema, PostgreSQL) fills the rest. So the three rows below run
# side by side; each lane is printed whole when it has ended. The fuzzed schema is a process of its own, for to load what it needs
# takes seconds, which each of the flows' processes would spend.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
mkdir -p var
# Tests start Studio's programs a few hundred times: each would compile its modules anew.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/var/pycache"
# Several processes share two cores: threads that NumPy starts for each would only wait for each other.
export OPENBLAS_NUM_THREADS=1
trap 'trap - TERM; kill 0' INT TERM

# lane FILE "TITLE" COMMAND…: its output in var/test-FILE.log, then here, with what it cost; failed where the command did.
lane() {
    local log="var/test-$1.log" cost="var/test-$1.cost" title=$2 began=$SECONDS result=0
    shift 2
    local TIMEFORMAT='%U + %S s of processor'
    { time "$@" >"$log" 2>&1; } 2>"$cost" || result=1
    printf '\n== %s (%d s; %s)\n%s\n' "$title" $((SECONDS - began)) "$(tail -n 1 "$cost")" "$(<"$log")"
    return "$result"
}

core_with_coverage() {
    coverage erase &&
        coverage run -m pytest -q tests/core &&
        coverage report --include='*/core/*' --skip-covered --fail-under=95
}

flows_and_apps() {
    pytest -q -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/apps/test_fuzz.py tests/flows tests/services tests/apps
}

one_process_each() {
    local result=0
    lane check "everything that can be said without running it" scripts/check.sh || result=1
    lane core "pure core, with coverage" core_with_coverage || result=1
    lane fuzz "every operation of the schema, fuzzed" pytest -q tests/apps/test_fuzz.py || result=1
    return "$result"
}

browser_and_postgres() {
    local result=0
    lane browser "pages, in a real Chromium" pytest -q tests/browser || result=1
    lane scripts "scripts of the pages" npm run --silent test || result=1
    lane postgres "the same promises on PostgreSQL" python -m tests.on_postgres || result=1
    return "$result"
}

lane flows "flows, services and apps" flows_and_apps &
rows=($!)
one_process_each &
rows+=($!)
browser_and_postgres &
rows+=($!)

failed=0
for row in "${rows[@]}"; do wait "$row" || failed=1; done
[ "$failed" = 0 ] || { printf '\nsomething failed: see above\n'; exit 1; }
printf '\nall passed in %d s\n' "$SECONDS"
