#!/usr/bin/env bash
# Everything that can be said of the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

ruff check --quiet .
ruff format --check --quiet .
lint-imports --no-cache >/dev/null || lint-imports --no-cache
mypy
python manage.py makemigrations --check --dry-run >/dev/null || { echo "A model changed without its migration."; exit 1; }
python manage.py check --fail-level WARNING >/dev/null
djlint --quiet --lint templates
if [ -f package.json ]; then npm run --silent lint; fi
echo "checks passed"
