"""What is open to whom although the matrix would refuse it, each with the reason.

An entry here is not left unwatched: what it answers must show nothing of somebody else's. An entry
that is not needed fails as well.
"""

from __future__ import annotations

# Anybody may call these without a token (DESIGN 7). No credentials are looked at.
BLIND: dict[str, str] = {
    "GET /api/v1/products": "the shop window",
    "GET /api/v1/products/{key}": "the shop window",
    "GET /api/v1/products/{key}/inventory": "the shop window: whether it can be bought",
    "GET /api/v1/categories": "the shop window",
    "GET /api/v1/feeds/google.xml": "the shop window, as Google reads it",
    "GET /api/v1/feeds/sitemap.xml": "the shop window, as search engines read it",
    "GET /api/v1/feeds/sitemap-{part}.xml": "the shop window, as search engines read it",
    "GET /api/v1/products/{key}/json-ld": "the shop window, as search engines read it",
    "GET /api/v1/categories/{slug}": "the shop window",
    "GET /api/v1/collections": "the shop window",
    "GET /api/v1/collections/{collection}": "the shop window",
    "GET /api/v1/collections/{collection}/products": "the shop window",
    "GET /api/v1/vendors": "the shop window: names of sellers",
    "GET /api/v1/vendors/{slug}": "the shop window: a seller's page",
    "GET /api/v1/masters/{key}": "the shop window: one thing and who sells it",
    "GET /api/v1/search": "the shop window",
    "GET /api/v1/search/suggest": "the shop window: names of what is in it",
    "GET /api/v1/store/profile": "the shop window: whose it is, and the logo",
    "GET /api/v1/tracking/{tracking_number}": "whoever has a parcel's number may follow it",
    "POST /api/v1/auth/register": "people make their own accounts",
    "POST /api/v1/auth/email/verify": "the mailed link is the credential; a wrong one is 422",
    "POST /api/v1/auth/password/reset": "says the same for every address",
    "POST /api/v1/auth/password/confirm": "the mailed link is the credential; a wrong one is 422",
    "POST /api/v1/auth/invitations/accept": "the mailed link is the credential; a wrong one is 422",
    "PUT /api/v1/uploads/content/{token}": "the signed link is the credential",
    "GET /api/v1/invoice-files/{token}": "the mailed link is the credential; an altered one is 403",
    "POST /api/v1/webhooks/stripe": "the signature is the credential; a wrong one is 400",
    "POST /api/v1/webhooks/sandbox": "the signature is the credential; a wrong one is 400",
}
# Anybody without a token too, but a wrong credential is refused.
PUBLIC: dict[str, str] = BLIND | {
    "GET /api/v1/campaigns": "the shop window",
    "GET /api/v1/campaigns/{campaign_id}": "the shop window",
    "GET /api/v1/cart": "one's own cart; an empty one where there is none",
    "PATCH /api/v1/cart": "one's own cart, opened where there is none",
    "POST /api/v1/cart/items": "one's own cart, opened where there is none",
    "POST /api/v1/cart/coupons": "one's own cart; the code is made up, which is 400",
    "DELETE /api/v1/cart/coupons": "one's own cart; no code is named, which is 400",
    "GET /api/v1/cart/shipping-options": "one's own cart",
    "POST /api/v1/cart/checkout": "one's own cart; an empty one is 409",
    "POST /api/v1/checkout": "guests buy",
    "POST /api/v1/orders": "guests buy",
    "GET /api/v1/quotes/{token}": "the mailed link is the credential; a wrong one is 404",
    "POST /api/v1/quotes/{token}/accept": "likewise",
}
# A key of one scope, `analytics.read`.
OF_ONE_SCOPE: dict[str, str] = PUBLIC | {
    "GET /api/v1/search/log": "its own scope: what was looked for, and nobody who did",
}
GUEST: dict[str, str] = PUBLIC | {
    "POST /api/v1/orders/lookup": "number and address are the credential; wrong ones are 404",
    "DELETE /api/v1/cart": "guests have carts; without its token there is none, which is 404",
    "PATCH /api/v1/cart/items/{line_id}": "likewise",
    "DELETE /api/v1/cart/items/{line_id}": "likewise",
    "POST /api/v1/payments": "guests pay; somebody else's order is a 404 to them",
}
# The storefront's reads look at its key, and at nothing else.
KEYED = (
    "/api/v1/products",
    "/api/v1/categories",
    "/api/v1/collections",
    "/api/v1/feeds",
    "/api/v1/vendors",
    "/api/v1/masters",
    "/api/v1/search",
    "/api/v1/store/profile",
)
BLIND_TO_KEYS = {
    route: reason for route, reason in BLIND.items() if not route.split(" ")[1].startswith(KEYED)
}

# Everybody who is signed in, for what is their own.
OWN: dict[str, str] = PUBLIC | {
    "GET /api/v1/auth/verify": "who one is oneself",
    "POST /api/v1/auth/logout": "ends one's own session",
    "GET /api/v1/auth/sessions": "one's own sessions",
    "DELETE /api/v1/auth/sessions": "one's own other sessions",
    "GET /api/v1/auth/mfa": "one's own second step",
    "POST /api/v1/auth/mfa/totp": "one's own second step",
    "POST /api/v1/auth/mfa/email": "one's own second step",
    "POST /api/v1/auth/mfa/email/confirm": "one's own second step; a wrong code is 422",
    "POST /api/v1/auth/email/verify/resend": "one's own address",
    "POST /api/v1/auth/password/change": "one's own password",
    "POST /api/v1/users/me/email": "one's own address",
    "GET /api/v1/orders": "one's own orders",
    "GET /api/v1/returns": "returns of one's own orders",
    "GET /api/v1/payments": "one's own payments",
    "GET /api/v1/invoices": "one's own invoices",
    "GET /api/v1/users/me/organizations": "the companies that one buys for",
    "GET /api/v1/shipments": "one's own parcels",
    "POST /api/v1/campaigns/{campaign_id}/join": "campaigns are there to be joined",
}
# A vendor's people besides: their vendor's own.
VENDOR: dict[str, str] = OWN | {
    "POST /api/v1/products": "vendors sell; the product becomes their own",
    "POST /api/v1/imports": "vendors sell; the products become their own",
    "POST /api/v1/uploads": "vendors upload; the file becomes their own",
    "GET /api/v1/bulk-edits": "their own edits",
    "POST /api/v1/bulk-edits": "vendors edit their own goods; others' are not found",
    "GET /api/v1/change-requests": "what they have submitted themselves",
    "GET /api/v1/attributes": "what they have to say of their products",
    "GET /api/v1/attributes/{attribute_id}": "likewise; nobody's own",
    "GET /api/v1/product-types": "which kinds of products there are",
    "GET /api/v1/product-types/{type_code}": "likewise; nobody's own",
    "GET /api/v1/imports": "their own imports",
    "GET /api/v1/exports/products.csv": "their own products",
    "GET /api/v1/exports/products.jsonl": "their own products",
    "GET /api/v1/inventory": "their own stock",
    "POST /api/v1/inventory/bulk": "their own stock; others' SKUs are refused row by row",
    "GET /api/v1/inventory/backorders": "the rules of their own goods",
    "GET /api/v1/transfers": "their own transfers",
    "GET /api/v1/purchase-orders": "their own purchase orders",
    "GET /api/v1/warehouses": "where their stock may lie",
    "GET /api/v1/warehouses/{code}": "where their stock may lie",
    "GET /api/v1/shipping-zones": "where a method of theirs may serve",
    "GET /api/v1/shipping-zones/{zone_id}": "where a method of theirs may serve",
    "GET /api/v1/shipping-zones/{zone_id}/methods": "their own methods",
    "POST /api/v1/shipping-zones/{zone_id}/methods": "the method becomes their own",
    "GET /api/v1/vendor-orders": "their own parts of orders",
    "GET /api/v1/exports/orders.csv": "their own parts of orders",
    "GET /api/v1/draft-orders": "an empty list: drafts are the store's",
    "GET /api/v1/vendors/me": "the vendor they work for",
}
VENDOR_OWNER: dict[str, str] = VENDOR | {
    "GET /api/v1/team": "their own people",
    "GET /api/v1/team/invitations": "their own people",
    "GET /api/v1/roles": "which roles there are",
    "PATCH /api/v1/vendors/me": "their own profile",
}
# A vendor's role without a vendor: nothing to sell, and every list is empty.
VENDOR_OF_NONE = {
    route: reason
    for route, reason in VENDOR_OWNER.items()
    if route
    not in {
        "POST /api/v1/products",
        "POST /api/v1/imports",
        "POST /api/v1/uploads",
        "POST /api/v1/bulk-edits",
        "POST /api/v1/shipping-zones/{zone_id}/methods",
        "GET /api/v1/exports/products.csv",
        "GET /api/v1/exports/products.jsonl",
        "GET /api/v1/vendors/me",
        "PATCH /api/v1/vendors/me",
    }
}

# A wrong password, code or token is 401 whatever else the request carries.
SIGN_IN: dict[str, str] = {
    "POST /api/v1/auth/login": "looks at the password alone",
    "POST /api/v1/auth/refresh": "looks at the refresh token alone",
    "POST /api/v1/auth/mfa/verify": "looks at the sign-in that was begun alone",
    "POST /api/v1/auth/mfa/send": "looks at the sign-in that was begun alone",
}
# Whoever must set up a second step first may do that, and leave.
ENROLLING: dict[str, str] = (
    BLIND
    | SIGN_IN
    | {
        "POST /api/v1/auth/logout": "one may leave",
        "GET /api/v1/auth/mfa": "what is to be set up",
        "POST /api/v1/auth/mfa/totp": "the setting up",
        "POST /api/v1/auth/mfa/email": "the setting up",
        "POST /api/v1/auth/mfa/email/confirm": "the setting up; a wrong code is 422",
    }
)

# The operators' host. Support sees stores and changes none.
SUPPORT: dict[str, str] = {
    "GET /api/v1/stores": "support looks after stores",
    "GET /api/v1/stores/{slug}": "support looks after stores",
    "GET /api/v1/stores/{slug}/domains": "support looks after stores",
    "GET /api/v1/users/me": "who one is oneself",
    "GET /api/v1/auth/verify": "who one is oneself",
    "POST /api/v1/auth/logout": "ends one's own session",
    "GET /api/v1/auth/sessions": "one's own sessions",
    "DELETE /api/v1/auth/sessions": "one's own other sessions",
    "GET /api/v1/auth/mfa": "one's own second step",
    "POST /api/v1/auth/mfa/totp": "one's own second step",
    "POST /api/v1/auth/password/change": "one's own password",
}

# Paths beside the API, of both hosts.
PAGES: dict[str, str] = {
    "GET /health": "load balancers ask; says nothing of stores",
    "POST /health": "likewise",
    "GET /health/ready": "likewise",
    "POST /health/ready": "likewise",
    "GET /api/health": "likewise",
    "POST /api/health": "likewise",
    "GET /metrics": "names stores: for this machine alone, or with the METRICS_TOKEN",
    "POST /metrics": "likewise",
    "GET /api/fixed": "a fixed answer, for measuring",
    "POST /api/fixed": "likewise",
    "GET /.well-known/jwks.json": "the public halves of the store's keys",
    "GET /api/schema": "what the API looks like is no secret",
    "GET /api/docs": "likewise",
    "GET /admin": "leads to admin, whatever the method",
    "POST /admin": "likewise",
    "PUT /admin": "likewise",
    "PATCH /admin": "likewise",
    "DELETE /admin": "likewise",
    "GET /admin/login/": "the sign-in itself",
    "POST /admin/login/": "the sign-in itself; takes a password",
    "GET /admin/logout/": "one may leave, also when one is not there",
    "POST /admin/logout/": "likewise",
    "GET /account/verify-email": "a mailed link leads here; the token in it is the credential",
    "POST /account/verify-email": "likewise",
    "PUT /account/verify-email": "likewise",
    "GET /account/reset-password": "likewise",
    "POST /account/reset-password": "likewise",
    "PUT /account/reset-password": "likewise",
    "GET /account/forgot-password": "says the same for every address",
    "POST /account/forgot-password": "likewise",
    "PUT /account/forgot-password": "likewise",
}
