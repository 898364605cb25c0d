"""Signing and reading tokens. Only this package knows algorithm and keys.

`signing` makes and reads tokens with the keys of `keyring`, each store's own; `access` remembers
what was read; `revocation` knows which sessions have ended.
"""

from apps.accounts.tokens.signing import ACCESS, ISSUER, REFRESH, read, sign

__all__ = ["ACCESS", "ISSUER", "REFRESH", "read", "sign"]
