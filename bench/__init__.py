"""What Studio costs, beside others and by itself; and proofs that take too long for the suite."""

import os

# Programs run with the settings of Studio, whichever bench starts them.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
