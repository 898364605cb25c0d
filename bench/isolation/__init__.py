"""The soak: many requests over several stores through a transaction pooler, looking for one row of
another store (RELIABILITY T4, T5; TEN-08, MOON-01).
"""
