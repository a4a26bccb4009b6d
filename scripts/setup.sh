#!/usr/bin/env bash
# Everything Studio needs, into .venv and node_modules; what the system lacks through its package manager, where allowed.
# Costs nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if supported "$candidate"; then echo "$candidate"; return; fi
    done
}

# command → the Debian package that has it
declare -A package=([ffmpeg]=ffmpeg [chromium]=chromium [redis-server]=redis-server)
missing=()
for command in ffmpeg chromium redis-server; do
    command -v "$command" >/dev/null || missing+=("${package[$command]}")
done
command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
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

want=$(stamp requirements.txt requirements-dev.txt)
if [ "$(cat .venv/.studio-lock 2>/dev/null)" != "$want" ]; then
    [ -x .venv/bin/python ] || { say "making .venv with $("$python" --version)"; "$python" -m venv .venv; }
    say "installing the locked Python packages"
    uv=$(sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements-dev.txt)
    .venv/bin/python -m pip install -q --disable-pip-version-check "$uv"
    .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes requirements.txt requirements-dev.txt ||
        .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
            -r requirements.txt -r requirements-dev.txt
    echo "$want" >.venv/.studio-lock
fi

.venv/bin/python scripts/swift_venv.py >&2 || true

if [ -f package.json ]; then
    PATH="$PWD/.venv/bin:$PATH"
    want=$(stamp package-lock.json)
    if [ "$(cat node_modules/.studio-lock 2>/dev/null)" != "$want" ]; then
        say "installing the locked JavaScript packages"
        npm ci --no-audit --no-fund --loglevel=error
        echo "$want" >node_modules/.studio-lock
    fi
    want=$({ cat package.json package-lock.json; find frontend -type f | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c1-16)
    if [ "$(cat build/.studio-bundle 2>/dev/null)" != "$want" ]; then
        say "bundling the pages' JavaScript"
        npm run --silent build
        echo "$want" >build/.studio-bundle
    fi
fi
