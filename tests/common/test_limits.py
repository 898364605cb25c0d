"""Rates per caller, and what a request may look like at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ParseError, ValidationError

from apps.accounts import api_keys
from apps.common import limits
from apps.common.api.parsers import LONGEST_LIST, LONGEST_TEXT, MOST_VALUES
from apps.common.api.schema_view import KeptSchemaView
from apps.common.client_address import client_address, counted_address
from apps.common.context import StoreRef
from apps.common.errors import ValidationFailed
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy import directory
from apps.tenancy.models import Store
from apps.tenancy.services.update_store import update_store
from tests.support.client import StoreClient
from tests.support.people import PASSWORD, make_user
from tests.support.redis_calls import redis_commands

PRODUCTS = "/api/v1/products"
ORDERS = "/api/v1/orders"
HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")


@pytest.fixture(autouse=True)
def _no_known_keys() -> Iterator[None]:
    yield
    api_keys._rings.clear()


@pytest.fixture
def limit(settings: Any) -> Callable[..., None]:
    """Set the operator's rates, for this test."""

    def set_rates(**rates_of: str) -> None:
        settings.RATE_LIMITS = {**django_settings.RATE_LIMITS, **rates_of}

    return set_rates


def statuses(call: Callable[[], Any], times: int) -> list[int]:
    return [call().status_code for _ in range(times)]


# --- Rates --------------------------------------------------------------------------------------


@pytest.mark.covers("API-10")
def test_the_defaults_are_the_documents_own() -> None:
    named = {name: limits.DEFAULTS[name] for name in ("public", "staff", "upload", "webhook")}

    assert named == {
        "public": "100/minute",
        "staff": "1000/minute",
        "upload": "10/minute",
        "webhook": "1000/minute",
    }
    assert limits.rate_of("public", of_store={}, of_platform={}) == "100/minute"


@pytest.mark.covers("API-10")
@pytest.mark.parametrize("path", [PRODUCTS, "/api/v1/campaigns", "/api/v1/nothing", ORDERS])
def test_every_answer_tells_how_the_count_stands_and_the_last_is_a_429(
    api: Any, store: StoreRef, limit: Any, path: str
) -> None:
    limit(public="3/minute")
    client = api()

    answers = [client.get(path) for _ in range(4)]

    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    for answer in answers:
        assert answer["RateLimit-Limit"] == "3"
        assert answer["RateLimit-Policy"] == "3;w=60"
        assert 1 <= int(answer["RateLimit-Reset"]) <= 61
    assert 429 not in [answer.status_code for answer in answers[:3]]
    refused = answers[3]
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many_requests"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]


@pytest.mark.covers("API-10")
def test_people_are_counted_by_who_they_are_and_not_by_where_they_sit(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="1/minute", customer="2/minute", staff="4/minute")
    ann, bob, owner = (api(make_user(role)) for role in ("customer", "customer", "owner"))
    guest = api()

    assert statuses(lambda: guest.get("/api/v1/campaigns"), 2) == [200, 429]
    assert statuses(lambda: ann.get(ORDERS), 3) == [200, 200, 429]
    assert statuses(lambda: bob.get(ORDERS), 2) == [200, 200]
    assert statuses(lambda: owner.get(ORDERS), 5) == [200, 200, 200, 200, 429]


@pytest.mark.covers("API-10", "PEER-54", "CAT-23")
def test_keys_have_counts_of_their_own(api: Any, store: StoreRef, limit: Any) -> None:
    limit(public="1/minute", publishable="3/minute", secret="2/minute")
    owner = api(make_user("owner"))
    made = {}
    for kind, scopes in (("publishable", []), ("secret", ["products.read"])):
        body = {"name": kind, "kind": kind, "scopes": scopes}
        made[kind] = owner.post("/api/v1/api-keys", body, format="json").json()["key"]
    storefront, program = (StoreClient(store), StoreClient(store))
    storefront.credentials(HTTP_X_API_KEY=made["publishable"])
    program.credentials(HTTP_X_API_KEY=made["secret"])

    assert statuses(lambda: storefront.get(PRODUCTS), 4) == [200, 200, 200, 429]
    assert statuses(lambda: program.get(PRODUCTS), 1) == [200]
    assert statuses(lambda: program.get(PRODUCTS, {"include": "all"}), 2) == [200, 429]
    # Another address of the same storefront.
    assert storefront.get(PRODUCTS, REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.covers("API-10", "L5")
def test_each_store_counts_for_itself(
    api: Any, store: StoreRef, globex: StoreRef, limit: Any
) -> None:
    limit(public="1/minute")

    assert statuses(lambda: api().get(PRODUCTS), 2) == [200, 429]
    assert api(store=globex).get(PRODUCTS).status_code == 200


@pytest.mark.covers("API-10", "L5")
def test_a_store_as_a_whole_has_a_share(api: Any, store: StoreRef, limit: Any) -> None:
    limit(store="3/minute")

    answers = [api().get(PRODUCTS, REMOTE_ADDR=f"203.0.113.{n}") for n in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3]["RateLimit-Limit"] == "3"


@pytest.mark.covers("API-10", "TEN-03")
def test_a_store_has_rates_of_its_own_but_its_share_is_the_operators(
    api: Any, store: StoreRef
) -> None:
    with enter_store(PUBLIC):
        update_store("acme", settings={"rate_limits": {"public": "2/minute"}})
        with pytest.raises(ValidationFailed) as refused:
            update_store("acme", settings={"rate_limits": {"store": "1/minute"}})
    directory._known.clear()

    assert refused.value.errors[0].field == "settings.rate_limits"
    assert statuses(lambda: api().get(PRODUCTS), 3) == [200, 200, 429]


@pytest.mark.covers("API-10", "TEN-03")
def test_rates_that_came_past_the_check_neither_break_nor_lift_the_share(
    api: Any, store: StoreRef
) -> None:
    own = {"store": "1/minute", "nobody": "1/minute"}
    with enter_store(PUBLIC):
        Store.objects.filter(slug="acme").update(settings={"rate_limits": own})
    directory._known.clear()

    assert statuses(lambda: api().get(PRODUCTS), 2) == [200, 200]


@pytest.mark.covers("API-10", "T15")
def test_signing_in_is_counted_by_address_and_by_endpoint(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(auth="2/minute")
    body = {"email": "nobody@example.com", "password": PASSWORD}
    login = "/api/v1/auth/login"

    assert statuses(lambda: api().post(login, body, format="json"), 3) == [401, 401, 429]
    assert api().post(login, body, format="json", REMOTE_ADDR="203.0.113.9").status_code == 401
    reset = api().post("/api/v1/auth/password/reset", {"email": body["email"]}, format="json")
    assert reset.status_code != 429


@pytest.mark.covers("API-10", "T15")
def test_admins_sign_in_is_counted_too(store: StoreRef, limit: Any) -> None:
    from django.test import Client

    limit(auth="2/minute")
    client = Client(HTTP_HOST=store.domain)
    form = {"username": "nobody@example.com", "password": PASSWORD}

    answers = [client.post("/admin/login/", form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.covers("API-10")
def test_uploads_and_webhooks_have_rates_of_their_own(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(upload="1/minute", webhook="2/minute")
    owner = api(make_user("owner"))
    file = b"sku,name,price,currency,inventory\nTEE,Tee,1,USD,1\n"

    def send() -> Any:
        return owner.generic("POST", "/api/v1/imports", file, content_type="text/csv")

    assert statuses(send, 2) == [201, 429]
    webhook = "/api/v1/webhooks/sandbox"
    assert statuses(lambda: api().post(webhook, {}, format="json"), 3)[2] == 429


@pytest.mark.covers("API-10", "T14")
def test_wrong_tokens_and_keys_are_counted_though_they_never_come_to_a_view(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="2/minute")
    for headers in ({"HTTP_AUTHORIZATION": "Bearer x.y.z"}, {"HTTP_X_API_KEY": "sk_live_x"}):
        client = StoreClient(store)
        client.credentials(**headers)
        address = f"203.0.113.{len(str(headers))}"

        answers = [client.get(ORDERS, REMOTE_ADDR=address) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [401, 401, 429]


@pytest.mark.covers("API-10", "T12")
def test_who_is_refused_is_counted_under_their_own_name(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="1/minute", customer="3/minute")
    customer = api(make_user("customer"))

    answers = [customer.get("/api/v1/users") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert answers[0]["RateLimit-Limit"] == "3"
    assert api().get("/api/v1/campaigns").status_code == 200


@pytest.mark.covers("API-10", "T15")
@pytest.mark.parametrize(
    "path",
    [
        "/admin/login/code/",
        "/admin/join/",
        "/account/verify-email",
        "/account/reset-password",
        "/account/forgot-password",
    ],
)
def test_pages_that_take_a_code_or_a_token_are_counted_as_signing_in_is(
    store: StoreRef, limit: Any, path: str
) -> None:
    from django.test import Client

    limit(auth="2/minute")
    client = Client(HTTP_HOST=store.domain)

    answers = [client.post(path, {"token": "x" * 20, "password": "x"}) for _ in range(3)]

    assert answers[0]["Content-Type"].startswith("text/html")
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert int(answers[2]["Retry-After"]) >= 1
    assert client.get("/account/forgot-password").status_code == 200


@pytest.mark.covers("API-10")
def test_who_goes_on_calling_while_refused_waits_longer(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="2/minute", store="2/minute")
    guest = api()

    answers = [guest.get(PRODUCTS) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert 55 <= int(answers[2]["Retry-After"]) <= 61
    assert 115 <= int(answers[3]["Retry-After"]) <= 121
    # Another one, for whom the store's share is used up, waits for its window and no longer.
    other = api().get(PRODUCTS, REMOTE_ADDR="203.0.113.9")
    assert (other.status_code, int(other["Retry-After"]) <= 61) == (429, True)


@pytest.mark.covers("API-10", "API-07")
@pytest.mark.parametrize("host", ["", "platform.localhost"])
def test_every_operation_documents_its_429(api: Any, store: StoreRef, host: str) -> None:
    client = api()

    answer = client.get("/api/schema", {"format": "json"}, HTTP_HOST=host or store.domain)

    document = answer.json()

    operations = [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]
    assert len(operations) > 10
    for name, operation in operations:
        refused = operation["responses"]["429"]
        assert set(refused["headers"]) == {"Retry-After", *HEADERS}, name
        for header in refused["headers"].values():
            kind, place = header["$ref"].removeprefix("#/components/").split("/")
            assert document["components"][kind][place]["schema"]["type"] in {"integer", "string"}


@pytest.mark.covers("API-10", "API-07")
def test_the_document_is_made_once_and_counted_like_any_call(
    api: Any, store: StoreRef, limit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(public="3/minute")
    client = api()
    first = client.get("/api/schema")

    with monkeypatch.context() as unable:
        unable.setattr(KeptSchemaView, "generator_class", None)
        second = client.get("/api/schema")

    assert second.content == first.content
    assert second["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert client.get("/api/schema", {"format": "json"}).json()["openapi"] == "3.0.3"
    assert client.get("/api/schema").status_code == 429


@pytest.mark.covers("API-10", "TEN-03")
def test_the_path_that_names_the_store_is_no_way_round(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="2/minute", upload="1/minute")
    guest, owner = api(), api(make_user("owner"))
    by_path = "/api/v1/stores/acme"

    answers = [guest.get(path) for path in (PRODUCTS, f"{by_path}/products", PRODUCTS)]
    uploads = [
        owner.generic(
            "POST", f"{by_path}/imports?wait=true", b"x" * 2_000_000, content_type="text/csv"
        )
        for _ in range(2)
    ]
    long = owner.generic("POST", f"{by_path}/orders", b" " * 2_000_000, REMOTE_ADDR="203.0.113.9")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.status_code for answer in uploads] == [422, 429]
    assert long.status_code == 413


@pytest.mark.covers("API-10", "ACC-22")
def test_counting_costs_one_round_trip_and_no_query(api: Any, store: StoreRef) -> None:
    guest = api()
    guest.get(PRODUCTS)

    with CaptureQueriesContext(connection) as queries, redis_commands() as sent:
        guest.get(PRODUCTS)

    assert sent.count("EVALSHA") == 1
    assert len(queries) == 0


@pytest.mark.covers("API-10")
@pytest.mark.parametrize(
    ("text", "rates_of"),
    [
        ("", {}),
        ("public=200/minute", {"public": "200/minute"}),
        (" all=5/second , staff=1/day", {"all": "5/second", "staff": "1/day"}),
    ],
)
def test_the_operator_sets_rates_in_the_environment(text: str, rates_of: dict[str, str]) -> None:
    assert limits.parse_rates(text) == rates_of


@pytest.mark.covers("API-10")
@pytest.mark.parametrize(
    "text",
    [
        "public",
        "public=",
        "public=0/minute",
        "public=off",
        "nobody=1/minute",
        "public=1/week",
        "public=99999999/minute",
        "public=-1/minute",
        "public=1/minute;auth=1/minute",
    ],
)
def test_a_rate_that_is_none_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a rate|is none of"):
        limits.parse_rates(text)


@pytest.mark.covers("API-10")
def test_a_stores_rates_are_checked_where_they_are_set() -> None:
    assert limits.wrong_rate({"public": "200/minute"}) == ""
    assert "none of" in limits.wrong_rate({"store": "200/minute"})
    assert "none of" in limits.wrong_rate({"pubic": "200/minute"})
    assert "rate such as" in limits.wrong_rate({"public": "many"})
    assert "object" in limits.wrong_rate(["public"])


# --- Whose address ------------------------------------------------------------------------------


@pytest.mark.covers("API-10", "T15")
@pytest.mark.parametrize(
    ("trusted", "forwarded", "found"),
    [
        (0, "203.0.113.7", "198.51.100.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "198.51.100.1"),
        (1, "", "198.51.100.1"),
        (1, "not an address", "198.51.100.1"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_as_many_places_are_believed_as_there_are_proxies(
    rf: Any, settings: Any, trusted: int, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == found


@pytest.mark.covers("API-10")
def test_an_ipv6_client_is_counted_by_its_network() -> None:
    assert counted_address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::"
    assert counted_address("203.0.113.7") == "203.0.113.7"
    assert counted_address("") == ""


@pytest.mark.covers("API-10", "T15")
def test_inventing_forwarded_addresses_is_no_way_round(
    api: Any, store: StoreRef, limit: Any
) -> None:
    limit(public="2/minute")

    answers = [api().get(PRODUCTS, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}") for n in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


# --- What a request may look like ---------------------------------------------------------------


def post(api: Any, body: bytes, **headers: str) -> Any:
    owner = api(make_user("owner"))
    # Of this process alone, so that a busy machine does not count.
    started = time.process_time()
    answer = owner.generic("POST", PRODUCTS, body, content_type="application/json", **headers)
    assert time.process_time() - started < 1
    return answer


@pytest.mark.covers("I13", "API-09", "C-16")
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ('{"name": "a\\u0000b"}', "name", "nul"),
        ('{"variants": [{"sku": "\\ud800"}]}', "variants.0.sku", "surrogate"),
        ('{"price": 1e999}', "price", "invalid"),
        ('{"price": -1e999}', "price", "invalid"),
        ('{"inventory": 9223372036854775808}', "inventory", "max_value"),
        ('{"inventory": -9223372036854775808}', "inventory", "min_value"),
        ('{"inventory": ' + "9" * 4_000 + "}", "inventory", "max_value"),
        ('{"tags": [' + ",".join(["1"] * 10_000) + "]}", "tags", "too_many"),
        ('{"description": "' + "x" * (LONGEST_TEXT + 1) + '"}', "description", "max_length"),
        ('{"a": {"' + "x" * 2_000 + '": 1}}', "a", "max_length"),
        ('{"a\\u0000": 1}', "", "nul"),
    ],
)
def test_what_cannot_be_kept_is_a_400_that_names_the_field(
    api: Any, store: StoreRef, body: str, field: str, code: str
) -> None:
    answer = post(api, body.encode())

    assert answer.status_code == 400, answer.content[:300]
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (
        field,
        code,
    )


@pytest.mark.covers("I13")
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000 + b"]" * 1_000,
        b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
        b"[" * 500_000,
        b'{"n": ' + b"9" * 500_000 + b"}",
        b'{"n": NaN}',
        b'{"n": -Infinity}',
        b'{"' + b"k" * 900_000 + b'": [' + b"1," * 4_000 + b"1]}",
        b"{" + b",".join(b'"k%d": {}' % n for n in range(4_999)) + b"}",
        b"[" + b",".join([b"[" + b",".join([b"1"] * 100) + b"]"] * 1_000) + b"]",
        b"1" * 1_000_000,
        b'"' + b"x" * 1_000_000 + b'"',
        b"[0]" * 300_000,
    ],
)
def test_a_body_that_would_cost_too_much_is_refused_within_a_second(
    api: Any, store: StoreRef, body: bytes
) -> None:
    answer = post(api, body)

    assert answer.status_code in {400, 413}, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.covers("I13")
def test_the_parsers_bounds() -> None:
    from io import BytesIO

    from apps.common.api.parsers import StrictJSONParser

    def parse(text: bytes) -> Any:
        return StrictJSONParser().parse(BytesIO(text))

    assert parse(b"[" + b",".join([b"1"] * LONGEST_LIST) + b"]") == [1] * LONGEST_LIST
    with pytest.raises(ValidationError):
        parse(b"[" + b",".join([b"1"] * (LONGEST_LIST + 1)) + b"]")
    with pytest.raises(ParseError, match=f"{MOST_VALUES:,}"):
        parse(b"[" + b",".join([b"[" + b",".join([b"1"] * 4_000) + b"]"] * 13) + b"]")
    assert parse(b"9223372036854775807") == 2**63 - 1


@pytest.mark.covers("I13")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity", "x"])
def test_a_compressed_body_is_a_415(api: Any, store: StoreRef, encoding: str) -> None:
    answer = post(api, b"\x1f\x8b" + b"\x00" * 1_000, HTTP_CONTENT_ENCODING=encoding)

    assert (answer.status_code, answer.json()["code"]) == (415, "content_encoding_not_accepted")
    assert post(api, b"{}", HTTP_CONTENT_ENCODING="identity").status_code == 400


@pytest.mark.covers("I13", "API-12")
@pytest.mark.parametrize("size", ["1000000000", "1e9", "101", "0", "-1", "", "9" * 5_000])
def test_a_page_of_another_size_is_a_400(api: Any, store: StoreRef, size: str) -> None:
    for path in (ORDERS, PRODUCTS):
        answer = api(make_user("owner")).get(path, {"limit": size})
        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["field"] == "limit"


@pytest.mark.covers("I13", "C-16")
@pytest.mark.parametrize(
    "path", [PRODUCTS, ORDERS, "/api/v1/campaigns", "/api/v1/users", "/api/v1/tracking/X"]
)
def test_a_nul_in_the_address_is_a_400(api: Any, store: StoreRef, path: str) -> None:
    client = api(make_user("owner"))

    query = client.get(f"{path}?search=%00&email=%00")
    name = client.get(f"{path}?a%00b=1")
    inside = client.get(f"{path}/%00")

    assert [answer.status_code for answer in (query, name, inside)] == [400, 400, 400]
    assert query.json()["errors"][0]["field"] == "search"
    assert name.json()["errors"][0]["field"] == "ab"
    assert inside["Content-Type"] == "application/problem+json"


@pytest.mark.covers("I13")
def test_an_address_of_megabytes_is_a_414(api: Any, store: StoreRef) -> None:
    answer = api().get(f"{PRODUCTS}?search={'x' * 9_000}")

    assert (answer.status_code, answer.json()["code"]) == (414, "query_too_long")
