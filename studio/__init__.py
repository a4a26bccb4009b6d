"""Studio: settings, addresses, and what all apps together need."""

import gc

# Loading makes some 100,000 objects that stay: to look through them every 700 costs a tenth of each program's start.
gc.set_threshold(50_000, 10, 10)
