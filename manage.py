#!/usr/bin/env python
"""Studio's command line."""

import os
import sys

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    from studio import alone

    settings = "studio.alone" if sys.argv[1:2] and sys.argv[1] in alone.COMMANDS else "studio.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)

    execute_from_command_line(sys.argv)
