#!/usr/bin/env python
"""Django's command line. With no DATABASE_URL set it uses the embedded servers that run."""

import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.checks import refuse_unsafe_command
    from config.processes import acting

    refuse_unsafe_command(sys.argv)
    with acting(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
