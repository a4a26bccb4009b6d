#!/usr/bin/env bash
# What Studio needs, into .venv and node_modules; what the system lacks through its package manager, where allowed.
# Costs nothing when all is there.
#     setup.sh        everything, for development and tests
#     setup.sh run    only what Studio itself runs on
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-all}

say() { printf 'setup: %s\n' "$*" >&2; }

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if supported "$candidate"; then echo "$candidate"; return; fi
    done
}

# command → the Debian package that has it
declare -A package=([ffmpeg]=ffmpeg)
[ "$purpose" = run ] || package+=([chromium]=chromium [redis-server]=redis-server)
missing=()
for command in "${!package[@]}"; do
    command -v "$command" >/dev/null || missing+=("${package[$command]}")
done
[ "$purpose" = run ] || command -v postgres >/dev/null ||
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
compgen -G '/usr/share/fonts/truetype/*/*.ttf' >/dev/null || missing+=(fonts-dejavu-core)
python=$(find_python)
if [ -z "$python" ]; then
    missing+=(python3 python3-venv)
elif [ ! -x .venv/bin/python ] && ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
    missing+=(python3-venv)
fi

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        say "installing ${missing[*]} with apt-get"
        log=$(mktemp)
        if ! { "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" \
            apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            say "apt-get could not install: ${missing[*]}. Install them by hand, then run this again."
            exit 1
        fi
        rm -f "$log"
    else
        say "please install these packages, then run this again: ${missing[*]}"
        say "on Debian or Ubuntu: sudo apt-get install ${missing[*]}"
        exit 1
    fi
    python=$(find_python)
fi
if [ -z "$python" ]; then
    say "Python 3.11, 3.12 or 3.13 is needed. Install one, or name it: make setup PYTHON=/path/to/python3.12"
    exit 1
fi

stamp() { cat "$@" | sha256sum | cut -c1-16; }

# What was installed for development is enough to run Studio.
has() { [ "$(cat "$1/.studio-lock" 2>/dev/null)" = "$2" ] || { [ "$purpose" = run ] && [ "$(cat "$1/.studio-lock-run" 2>/dev/null)" = "$3" ]; }; }
all=$(stamp requirements.txt requirements-dev.txt) run=$(stamp requirements.txt)
if ! has .venv "$all" "$run"; then
    [ -x .venv/bin/python ] || { say "making .venv with $("$python" --version)"; "$python" -m venv .venv; }
    say "installing the locked Python packages"
    if [ "$purpose" = run ]; then
        .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
        echo "$run" >.venv/.studio-lock-run
    else
        uv=$(sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements-dev.txt)
        .venv/bin/python -m pip install -q --disable-pip-version-check "$uv"
        .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes requirements.txt requirements-dev.txt ||
            .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
                -r requirements.txt -r requirements-dev.txt
        echo "$all" >.venv/.studio-lock
    fi
    say "compiling what hears"
    .venv/bin/python scripts/warm.py
fi

[ "$purpose" = run ] || .venv/bin/python scripts/swift_venv.py >&2 || true

if [ -f package.json ]; then
    PATH="$PWD/.venv/bin:$PATH"
    want=$(stamp package-lock.json)
    if ! has node_modules "$want" "$want"; then
        say "installing the locked JavaScript packages"
        if [ "$purpose" = run ]; then
            npm ci --omit=dev --no-audit --no-fund --loglevel=error
            echo "$want" >node_modules/.studio-lock-run
        else
            npm ci --no-audit --no-fund --loglevel=error
            echo "$want" >node_modules/.studio-lock
        fi
    fi
    want=$({ cat package.json package-lock.json; find frontend -type f | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c1-16)
    if [ "$(cat build/.studio-bundle 2>/dev/null)" != "$want" ]; then
        say "bundling the pages' JavaScript"
        npm run --silent build
        echo "$want" >build/.studio-bundle
    fi
fi
