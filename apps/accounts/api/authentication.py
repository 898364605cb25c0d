"""Bearer tokens that are valid in the store that issued them and nowhere else."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class StoreTokenAuthentication(BaseAuthentication):
    """Placeholder until accounts' own part is in."""

    def authenticate(self, request: Request) -> None:
        """Nobody is known yet."""
        return None
