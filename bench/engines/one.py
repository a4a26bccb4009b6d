"""One engine over a long talk, in this process alone: processor seconds for a second of it, and the most memory in MB.

python -m bench.engines.one asr|timeline MINUTES
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from bench.engines import long  # noqa: E402

if __name__ == "__main__":
    done = long.one(sys.argv[1], float(sys.argv[2]))
    print(done.cpu_share, done.peak_mb)
