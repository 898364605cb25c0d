"""What goes wrong on the database's side while the requests run."""

from __future__ import annotations

import random
import threading

import psycopg

# Whichever process of ours is at work through the pooler.
_VICTIM = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
  AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1
"""


class Chaos(threading.Thread):
    """Cancels a running statement now and then, and sometimes kills its server."""

    def __init__(self, database_url: str) -> None:
        super().__init__(daemon=True)
        self.database_url = database_url
        self.over = threading.Event()
        self.cancelled = self.killed = 0

    def run(self) -> None:
        """Until told that it is over."""
        rng = random.Random(7)
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while not self.over.wait(rng.uniform(0.1, 0.5)):
                row = connection.execute(_VICTIM).fetchone()
                if row is None:
                    continue
                if rng.random() < 0.1:
                    connection.execute("SELECT pg_terminate_backend(%s)", [row[0]])
                    self.killed += 1
                else:
                    connection.execute("SELECT pg_cancel_backend(%s)", [row[0]])
                    self.cancelled += 1

    def stop(self) -> None:
        """Let it finish what it is at."""
        self.over.set()
        self.join()
