"""Install OpenStack Swift, the S3 server of the tests, into `var/swift-venv`. Costs nothing when it is there.

    .venv/bin/python scripts/swift_venv.py

Any Python that has pip will do. Swift has a virtual environment of its own because it wants old companions (eventlet
among them) that Studio must not share. Prints one line; exits 1, saying why, when it cannot be installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "swift-requirements.txt"
VENV = Path(os.environ.get("SWIFT_VENV", HERE.parent / "var" / "swift-venv"))


def main() -> int:
    wanted = hashlib.sha256(f"{sys.version}\n{LOCK.read_text()}".encode()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    print(f"Installing OpenStack Swift for the tests into {VENV} …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(parents=True, exist_ok=True)
    venv.create(VENV, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", VENV / "bin" / "python", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "install", "--quiet", "--require-hashes", "-r", LOCK], check=False)
    if done.returncode:
        print("Swift could not be installed: the tests that need an S3 server will be skipped.", file=sys.stderr)
        return 1
    stamp.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
