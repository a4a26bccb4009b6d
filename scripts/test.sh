#!/usr/bin/env bash
# The whole suite: the fast part in parallel, what measures or drives a browser after it, then the core's coverage.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

rm -f .coverage .coverage.*
pytest -q -n "${TEST_PROCESSES:-2}" --dist loadscope "$@"
