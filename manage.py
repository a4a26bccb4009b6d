#!/usr/bin/env python
"""Studio's command line."""

import os
import sys

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    from studio.runtime import files_only

    settings = (
        "studio.runtime.files_only" if sys.argv[1:2] and sys.argv[1] in files_only.COMMANDS else "studio.settings"
    )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)

    execute_from_command_line(sys.argv)
