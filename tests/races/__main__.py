"""`make races`: nothing is oversold, lost or stuck, whoever is killed (MOON-06, I-02, I-09).

A store with three warehouses and two vendors, on servers of its own. In each round 200 buyers of
1 to 5 units want more than there is, from 8 processes that place orders, pay, cancel, and pay in
the very moment in which their order's time is over. Beside them one process moves goods between
the warehouses and corrects counts, one sends parcels, and one does what worker and beat do. All the
while one of them is killed with SIGKILL and started again; what it was at is asked for again under
the same key. Then the round comes to rest, and everything that must hold is looked at.

Prints a line per round, and the verdict. Exits 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from config.embedded.servers import running


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=8, help="of buyers")
    parser.add_argument("--buyers", type=int, default=200, help="per round")
    parser.add_argument("--hot", action="store_true", help="only rounds in which all want one SKU")
    parser.add_argument("--baskets", action="store_true", help="only rounds with baskets")
    parser.add_argument("--seed", type=int, default=None, help="plan the same rounds again")
    options = parser.parse_args()
    if min(options.rounds, options.processes, options.buyers) < 1:
        parser.error("rounds, processes and buyers are 1 or more")
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        # It would make a store there.
        parser.error("the races bring their own servers: unset DATABASE_URL and REDIS_URL")
    return options


def main() -> int:
    """Race, and say what came of it."""
    options = _arguments()
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    data_dir = Path(tempfile.mkdtemp(prefix="fc-races-"))
    try:
        with running(data_dir) as endpoints:
            os.environ.update(endpoints.environ())
            os.environ["FC_DATA_DIR"] = str(data_dir)
            os.environ.setdefault("LOG_LEVEL", "CRITICAL")
            # Only now do the settings know where the servers are.
            from tests.races.racing import race

            complaints = race(options, data_dir)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
