"""Each fault, and what its proof says of it."""

import os
import subprocess
import sys

from bench.mutate.faults import FAULTS

#: pytest's code for tests that failed; another one would be a fault of the bench.
FAILED = 1


def main() -> int:
    """Print a line for each; 1 when one was not noticed, or a proof fails without any."""
    wrong = 0
    for name, (_, tests) in FAULTS.items():
        healthy, mutant = _code(tests, ""), _code(tests, name)
        noticed = (healthy, mutant) == (0, FAILED)
        wrong += not noticed
        print(
            f"{name:22} without it {'passes' if healthy == 0 else 'FAILS'}, with it {'fails' if noticed else 'NOT NOTICED'}"
        )
    return int(wrong > 0)


def _code(tests: list[str], mutant: str) -> int:
    argv = [sys.executable, "-m", "pytest", "-q", "-n0", "-x", "--timeout", "0", "-p", "bench.mutate.faults", *tests]
    done = subprocess.run(argv, env={**os.environ, "MUTANT": mutant}, capture_output=True, text=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
