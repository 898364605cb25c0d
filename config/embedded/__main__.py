"""`python -m config.embedded stop`: stop servers that a killed process has left behind."""

from __future__ import annotations

import sys

from .errors import EmbeddedServerError
from .servers import default_data_dir, stop_if_unused


def main(arguments: list[str]) -> int:
    """Stop the data directory's servers, unless a live process needs them."""
    if arguments != ["stop"]:
        print("usage: python -m config.embedded stop", file=sys.stderr)
        return 2
    try:
        if stop_if_unused(default_data_dir()):
            return 0
    except EmbeddedServerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("error: the servers are in use: stop `make run` or the tests first", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
