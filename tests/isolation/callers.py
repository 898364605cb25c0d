"""Who calls wrongly: each a client that is real in every respect but one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import TestCase, override_settings

from apps.accounts.api.cookies import CSRF_HEADER
from apps.accounts.csrf import make_csrf_token
from apps.accounts.facade import issue_tokens
from apps.accounts.services.change_status import change_status
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.common.stores import PUBLIC as NO_STORE
from apps.common.stores import enter_store
from apps.tenancy.services.delete_store import delete_store
from apps.tenancy.services.suspend_store import suspend_store
from apps.tenancy.services.update_store import update_store
from tests.isolation import doors
from tests.isolation.scene import Scene, stored
from tests.support.client import StoreClient
from tests.support.people import make_user

SHOP, EVIL = "https://shop.example.com", "https://evil.example.com"
REFUSED = frozenset({401, 403, 404})


@dataclass(frozen=True)
class Caller:
    """One column of the matrix.

    come: makes the client. answers: the only statuses allowed. opens: routes that are open to it,
    each with the reason. methods: those that are tried.
    """

    come: Callable[[Scene], StoreClient]
    answers: frozenset[int]
    opens: dict[str, str] = field(default_factory=dict)
    methods: frozenset[str] = frozenset({"get", "post", "put", "patch", "delete"})


def at_acme(scene: Scene, token: str = "", **headers: str) -> StoreClient:
    """A client at acme's host with a token, if any."""
    client = scene.acme.client()
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    client.credentials(**bearer, **headers)
    return client


def at_platform(token: str = "", **headers: str) -> StoreClient:
    """A client at the operators' host."""
    client = StoreClient(NO_STORE)
    client.defaults["HTTP_HOST"] = settings.PLATFORM_HOSTS[0]
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    client.credentials(**bearer, **headers)
    return client


def token_of(place: Any, user: Any) -> str:
    """A fresh access token of a user."""
    with enter_store(place):
        return issue_tokens(user.id).access


def _spoilt(place: Any, role: str, how: str) -> str:
    """A token that was good, or would be."""
    with enter_store(place):
        user = make_user(role)
        with override_settings(**({"ACCESS_TOKEN_MINUTES": -1} if how == "expired" else {})):
            pair = issue_tokens(user.id)
        with TestCase.captureOnCommitCallbacks(execute=True):
            if how == "revoked":
                revoke_sessions(user_id=user.pk)
            elif how in {"suspended", "deactivated"}:
                change_status(user_id=user.pk, status=how)
    return {"refresh": pair.refresh, "malformed": f"{pair.access}x"}.get(how, pair.access)


def spoilt(how: str) -> Callable[[Scene], StoreClient]:
    """An owner's token of acme at acme, spoilt."""
    return lambda scene: at_acme(scene, _spoilt(scene.acme.store, "owner", how))


def spoilt_operator(how: str) -> Callable[[Scene], StoreClient]:
    """An operator's token at the operators' host, spoilt."""
    return lambda scene: at_platform(_spoilt(NO_STORE, "operator", how))


def person(name: str) -> Callable[[Scene], StoreClient]:
    """Somebody of acme with nothing to seek among the things."""
    return lambda scene: at_acme(scene, token_of(scene.acme.store, scene.people[name]))


def new_key(scene: Scene, side: str = "acme", **body: Any) -> dict[str, Any]:
    """An API key that an owner makes: `key`, `id`."""
    at = getattr(scene, side)
    made = at.client(at.owner).post("/api/v1/api-keys", {"name": "K", **body}, format="json")
    assert made.status_code == 201, made.content
    return dict(made.json())


def with_key(how: str) -> Callable[[Scene], StoreClient]:
    """An API key at acme that opens nothing there."""

    def come(scene: Scene) -> StoreClient:
        made = new_key(
            scene, "globex" if how == "other store" else "acme", kind="secret", scopes=["*"]
        )
        key = made["key"]
        if how == "revoked":
            scene.acme.client(scene.acme.owner).delete(f"/api/v1/api-keys/{made['id']}")
        key = key.replace("live", "test") if how == "sandbox" else key
        key = f"sk_live_{'0' * 64}" if how == "invented" else key
        return at_acme(scene, HTTP_X_API_KEY=key)

    return come


def narrow_key(scene: Scene) -> StoreClient:
    """A secret key whose scope fits nothing."""
    return at_acme(
        scene, HTTP_X_API_KEY=new_key(scene, kind="secret", scopes=["analytics.read"])["key"]
    )


def publishable(origin: str | None = None) -> Callable[[Scene], StoreClient]:
    """A publishable key; with `origin`, one that is bound to another origin ("" sends none)."""

    def come(scene: Scene) -> StoreClient:
        bound = {} if origin is None else {"origins": [SHOP]}
        key = new_key(scene, kind="publishable", **bound)["key"]
        sent = {"HTTP_ORIGIN": origin} if origin else {}
        return at_acme(scene, HTTP_X_API_KEY=key, **sent)

    return come


def cookies(*, origin: str = "", csrf: bool = True) -> Callable[[Scene], StoreClient]:
    """The owner's browser, led by a page of another origin, or without the page's own token."""

    def come(scene: Scene) -> StoreClient:
        with enter_store(scene.acme.store):
            pair = issue_tokens(scene.acme.owner.id)
            proof = make_csrf_token(pair.session_id)
        client = at_acme(scene, **({"HTTP_ORIGIN": origin} if origin else {}))
        client.cookies["fusion_access"] = pair.access
        client.cookies["fusion_csrf"] = proof
        if csrf:
            client._credentials[f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"] = proof
        return client

    return come


def enrolling(scene: Scene) -> StoreClient:
    """Somebody whose role must set up two-step sign-in before anything else."""
    with enter_store(NO_STORE), TestCase.captureOnCommitCallbacks(execute=True):
        update_store("acme", settings={"mfa_required_roles": ["owner"]})
    return at_acme(scene, token_of(stored("acme"), scene.acme.owner))


def closed(how: Callable[[], Any]) -> Callable[[Scene], StoreClient]:
    """The owner of a store that does not serve any more."""

    def come(scene: Scene) -> StoreClient:
        client = scene.acme.client(scene.acme.owner)
        with enter_store(NO_STORE), TestCase.captureOnCommitCallbacks(execute=True):
            how()
        return client

    return come


_401, _403 = frozenset({401}), frozenset({403})

AT_THE_STORE: dict[str, Caller] = {
    "nobody": Caller(at_acme, _401, doors.GUEST),
    "token of another store": Caller(
        lambda scene: at_acme(scene, token_of(scene.globex.store, scene.globex.owner)),
        _401,
        doors.BLIND,
    ),
    "token of the platform": Caller(
        lambda scene: at_acme(scene, token_of(NO_STORE, scene.operator)), _401, doors.BLIND
    ),
    "expired": Caller(spoilt("expired"), _401, doors.BLIND),
    "revoked": Caller(spoilt("revoked"), _401, doors.BLIND),
    "suspended user": Caller(spoilt("suspended"), _401, doors.BLIND),
    "deactivated user": Caller(spoilt("deactivated"), _401, doors.BLIND),
    "refresh token": Caller(spoilt("refresh"), _401, doors.BLIND),
    "malformed": Caller(spoilt("malformed"), _401, doors.BLIND),
    "key of another store": Caller(with_key("other store"), _401, doors.BLIND_TO_KEYS),
    "revoked key": Caller(with_key("revoked"), _401, doors.BLIND_TO_KEYS),
    "key of a sandbox": Caller(with_key("sandbox"), _401, doors.BLIND_TO_KEYS),
    "invented key": Caller(with_key("invented"), _401, doors.BLIND_TO_KEYS),
    "publishable key": Caller(publishable(), _401, doors.GUEST),
    "wrong origin": Caller(publishable(EVIL), _403, doors.BLIND_TO_KEYS | doors.SIGN_IN),
    "null origin": Caller(publishable("null"), _403, doors.BLIND_TO_KEYS | doors.SIGN_IN),
    "no origin": Caller(publishable(""), _403, doors.BLIND_TO_KEYS | doors.SIGN_IN),
    "key without the scope": Caller(narrow_key, REFUSED, doors.OF_ONE_SCOPE),
    "cookie at a wrong origin": Caller(cookies(origin=EVIL), _403, doors.BLIND | doors.SIGN_IN),
    "cookie at another store's origin": Caller(
        cookies(origin="http://globex.localhost"), _403, doors.BLIND | doors.SIGN_IN
    ),
    "cookie without the page's token": Caller(
        cookies(csrf=False),
        _403,
        doors.BLIND | doors.SIGN_IN,
        frozenset({"post", "put", "patch", "delete"}),
    ),
    "customer": Caller(person("customer"), REFUSED, doors.OWN),
    "vendor of another vendor": Caller(person("vendor owner"), REFUSED, doors.VENDOR_OWNER),
    "staff of another vendor": Caller(person("vendor staff"), REFUSED, doors.VENDOR),
    "vendor of no vendor": Caller(person("vendor of none"), REFUSED, doors.VENDOR_OF_NONE),
    "second step not set up": Caller(enrolling, frozenset({403, 404}), doors.ENROLLING),
    "suspended store": Caller(closed(lambda: suspend_store("acme", reason="unpaid")), _403),
    "deleted store": Caller(closed(lambda: delete_store("acme")), frozenset({403, 404})),
}

AT_THE_PLATFORM: dict[str, Caller] = {
    "nobody": Caller(lambda scene: at_platform(), _401),
    # Its id is the operator's own.
    "owner of a store": Caller(
        lambda scene: at_platform(token_of(scene.globex.store, scene.globex.owner)), _401
    ),
    "customer of a store": Caller(
        lambda scene: at_platform(token_of(scene.acme.store, scene.acme.customer)), _401
    ),
    "vendor of a store": Caller(
        lambda scene: at_platform(token_of(scene.acme.store, scene.people["vendor owner"])), _401
    ),
    "key of a store": Caller(
        lambda scene: at_platform(
            HTTP_X_API_KEY=new_key(scene, kind="secret", scopes=["*"])["key"]
        ),
        _401,
    ),
    "publishable key": Caller(
        lambda scene: at_platform(HTTP_X_API_KEY=new_key(scene, kind="publishable")["key"]), _401
    ),
    "expired": Caller(spoilt_operator("expired"), _401),
    "revoked": Caller(spoilt_operator("revoked"), _401),
    "suspended operator": Caller(spoilt_operator("suspended"), _401),
    "deactivated operator": Caller(spoilt_operator("deactivated"), _401),
    "refresh token": Caller(spoilt_operator("refresh"), _401),
    "malformed": Caller(spoilt_operator("malformed"), _401),
    "support": Caller(
        lambda scene: at_platform(_spoilt(NO_STORE, "platform_support", "")),
        REFUSED,
        doors.SUPPORT,
    ),
}
