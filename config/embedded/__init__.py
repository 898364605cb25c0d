"""PostgreSQL and Valkey from wheels, so that `make run` needs nothing but Python.

`servers` is the door: `start`, `stop`, `running`. The rest of the package serves it.
"""
