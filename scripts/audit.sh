#!/usr/bin/env bash
# Known holes in the locked packages. Ends with 1 when there is one. An advisory database that cannot be reached is said
# loudly and does not fail, unless AUDIT_REQUIRED=1 asks for it.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
found=0
unknown=0

report=$(mktemp)
trap 'rm -f "$report"' EXIT

unreachable() {
    unknown=1
    printf '\n!!! NOT AUDITED: %s. The advisory database cannot be reached from here.\n' "$1" >&2
}

for lock in requirements.txt requirements-dev.txt scripts/swift-requirements.txt; do
    timeout 300 pip-audit --requirement "$lock" --no-deps --disable-pip --format json --progress-spinner off >"$report" 2>/dev/null
    case $(python scripts/read_audit.py "$report") in
        clean) echo "audit: $lock has no known hole" ;;
        holes) found=1; python scripts/read_audit.py --list "$report" >&2 ;;
        *) unreachable "$lock" ;;
    esac
done

npm audit --package-lock-only --json >"$report" 2>/dev/null
case $(python scripts/read_audit.py --npm "$report") in
    clean) echo "audit: package-lock.json has no known hole" ;;
    holes) found=1; npm audit --package-lock-only >&2 ;;
    *) unreachable package-lock.json ;;
esac

[ "$found" = 0 ] || exit 1
[ "$unknown" = 0 ] || [ "${AUDIT_REQUIRED:-0}" != 1 ] || exit 1
