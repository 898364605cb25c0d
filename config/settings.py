"""Django's settings. Everything a deployment may change comes from the environment."""

from __future__ import annotations

import os
from typing import Any

import django_stubs_ext

from apps.common.limits import HEADERS
from config.env import DATA_DIR, database, flag, number, rates, secret_key, words
from config.errors import start_error_reports
from config.logs import logging_config
from config.media import bucket, public_url, scanner, storages
from config.schedule import BEAT_SCHEDULE

# Lets classes such as ModelForm be subscripted with their model, as the type checker wants it.
django_stubs_ext.monkeypatch()

DEBUG = flag("DEBUG")
SECRET_KEY = secret_key()
# The first one encrypts, all of them decrypt: put a new key in front to rotate.
ENCRYPTION_KEYS = words("ENCRYPTION_KEYS") or [SECRET_KEY]
# Hosts are checked against the stores' domains by StoreMiddleware, which knows them.
ALLOWED_HOSTS = ["*"]

# How many proxies of ours stand in front: so many places of X-Forwarded-For are believed.
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
# What the operator sets instead of apps/common/limits.py; a store's own settings go before it.
RATE_LIMITS = rates("RATE_LIMITS")

# --- Stores -------------------------------------------------------------------------------------
STORE_BASE_DOMAIN = os.environ.get("STORE_BASE_DOMAIN", "localhost")
PLATFORM_HOSTS = words("PLATFORM_HOSTS", f"platform.{STORE_BASE_DOMAIN}")
# Hosts that mean a store only while header and path name none (`localhost` is the demo store).
FALLBACK_HOSTS = words("FALLBACK_HOSTS", "localhost")
TEMPLATE_SCHEMA = "store_template"
# How long a deleted store can be had back before its schema and files are erased.
STORE_DELETE_GRACE_DAYS = number("STORE_DELETE_GRACE_DAYS", 30)
# How long the file of a store's export can be downloaded.
STORE_EXPORT_HOURS = number("STORE_EXPORT_HOURS", 24)
# A migration must not hold a strong lock on a table of more rows than this (check_migrations).
BIG_TABLE_ROWS = number("BIG_TABLE_ROWS", 100_000)
TENANT_MODEL = "tenancy.Store"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

_EVERYWHERE = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "apps.common",
    "apps.events",
    "apps.accounts",
]
SHARED_APPS = [
    # Before django_tenants, whose templates would replace the admin's own.
    "unfold",
    "django_tenants",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.tenancy",
    *_EVERYWHERE,
]
TENANT_APPS = [
    *_EVERYWHERE,
    "apps.catalog",
    "apps.inventory",
    "apps.orders",
    "apps.payments",
    "apps.shipping",
    "apps.group_commerce",
    "apps.notifications",
    "apps.insights",
]
INSTALLED_APPS = [
    "config",
    *SHARED_APPS,
    *(app for app in TENANT_APPS if app not in SHARED_APPS),
]

ROOT_URLCONF = "config.urls_store"
PUBLIC_SCHEMA_URLCONF = "config.urls_platform"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

MIDDLEWARE = [
    "apps.common.middleware.RequestMiddleware",
    "apps.common.security_headers.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.tenancy.middleware.StoreMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "apps.common.middleware.RateLimitMiddleware",
    "apps.common.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.AdminActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///fusion"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# Short timeouts: a cache that hangs must cost a request less than a query.
_REDIS_OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
CACHES = {
    "default": {
        "BACKEND": "apps.common.cache.StoreCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "apps.common.cache.make_key",
        "TIMEOUT": 300,
        "OPTIONS": _REDIS_OPTIONS,
    }
}
MEDIA_ROOT = str(DATA_DIR / "media")
STORAGES = storages()
# The bucket, empty for the local disk; and what the addresses of public pictures begin with.
MEDIA_BUCKET = bucket()
MEDIA_PUBLIC_URL = public_url()
# The largest file that may be sent straight into the storage, and how long that may take.
MEDIA_LARGEST_FILE = number("MEDIA_LARGEST_FILE", 104_857_600)
MEDIA_UPLOAD_MINUTES = number("MEDIA_UPLOAD_MINUTES", 60)
# ClamAV's daemon, empty for none; how long it may take, and what it takes (its StreamMaxLength).
CLAMD_URL = scanner()
CLAMD_TIMEOUT = number("CLAMD_TIMEOUT", 15)
CLAMD_LARGEST = number("CLAMD_LARGEST", 104_857_600)
# Whether pictures that products were imported with are copied; where one may be fetched from.
MEDIA_FETCH = flag("MEDIA_FETCH", True)
FETCH_PORTS = words("FETCH_PORTS", "80,443")
# Networks of one's own that may be fetched from although they are private, such as 10.1.2.0/24.
FETCH_ALLOWED_NETWORKS = words("FETCH_ALLOWED_NETWORKS")
STATIC_URL = "/static/"
# Nothing is collected: whitenoise serves the packages' files from where they are.
# Admin's and the docs' own files, found where the packages keep them: nothing to collect first.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Background work ----------------------------------------------------------------------------
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60, **_REDIS_OPTIONS, "socket_timeout": 5}
CELERY_TASK_TIME_LIMIT = 600
# On SIGTERM a task has this long to end; what has not ended goes back to the broker (EVT-16).
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3.0
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
EVENT_RETENTION_DAYS = number("EVENT_RETENTION_DAYS", 90)
# How long the log of messages keeps what they said.
NOTIFICATION_RETENTION_DAYS = number("NOTIFICATION_RETENTION_DAYS", 90)
# How long orders keep whose they are: what tax law asks for (CMP-04).
FINANCIAL_RETENTION_YEARS = number("FINANCIAL_RETENTION_YEARS", 7)

# Who sends it as a bearer token may read /metrics; without it only this machine may.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "").strip()

# --- Domain -------------------------------------------------------------------------------------
ORDER_EXPIRY_MINUTES = number("ORDER_EXPIRY_MINUTES", 30)
# A cart that nobody has touched for so long was left behind.
CART_ABANDONED_MINUTES = number("CART_ABANDONED_MINUTES", 180)
# A guest's cart that nobody has touched for so long is deleted.
CART_KEPT_DAYS = number("CART_KEPT_DAYS", 30)
PAYMENT_GATEWAY = os.environ.get("PAYMENT_GATEWAY", "sandbox")
STRIPE_API_KEY = os.environ.get("STRIPE_API_KEY", "")
STRIPE_WEBHOOK_SECRET = os.environ.get("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", "")
SHIPPING_CARRIER = os.environ.get("SHIPPING_CARRIER", "local")
# The class that answers searches, by its dotted path.
SEARCH_PROVIDER = os.environ.get("SEARCH_PROVIDER", "apps.catalog.search.postgres.PostgresSearch")

# What links in mails begin with; the host is the store's own domain.
PUBLIC_SCHEME = os.environ.get("PUBLIC_SCHEME", "https" if flag("COOKIES_SECURE") else "http")
PUBLIC_PORT = os.environ.get("PUBLIC_PORT", os.environ.get("PORT", ""))

# --- Mail ---------------------------------------------------------------------------------------
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "apps.notifications.channels.file_mail.FileBackend")
EMAIL_FILE_PATH = os.environ.get("EMAIL_FILE_PATH", str(DATA_DIR / "mail"))
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "shop@localhost.localdomain")

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "apps.accounts.passwords.MaximumLengthValidator"},
    {"NAME": "apps.accounts.passwords.CompositionValidator"},
    {"NAME": "apps.accounts.passwords.CommonWordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# From one client address, to one store.
REGISTRATIONS_PER_HOUR = number("REGISTRATIONS_PER_HOUR", 100)
ACCESS_TOKEN_MINUTES = 15
REFRESH_TOKEN_DAYS = 7
# A session of anybody but a customer ends when it was not used for so long.
STAFF_SESSION_HOURS = 24
MOST_SESSIONS = 5
COOKIES_SECURE = flag("COOKIES_SECURE")
# Sliding: renewed while it is used (apps/accounts/admin_login.py).
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = flag("COOKIES_SECURE")
CSRF_COOKIE_SECURE = flag("COOKIES_SECURE")
LOGIN_URL = "/admin/login/"
# Whether operators must sign in with a second step.
PLATFORM_MFA_REQUIRED = flag("PLATFORM_MFA_REQUIRED")

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["apps.common.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.common.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.api.key_authentication.ApiKeyAuthentication",
        "apps.accounts.api.authentication.StoreTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.common.api.permissions.HasPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.common.api.throttling.CallerThrottle"],
    "DEFAULT_PAGINATION_CLASS": "apps.common.api.pagination.Pagination",
    "DEFAULT_FILTER_BACKENDS": [
        "apps.common.api.filtering.StrictFilters",
        "apps.common.api.ordering.StableOrdering",
    ],
    # OPTIONS tells nothing of a view but its methods.
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.common.api.negotiation.ContentNegotiation",
    "DEFAULT_SCHEMA_CLASS": "apps.common.api.schema.ProblemSchema",
    "EXCEPTION_HANDLER": "apps.common.api.problems.exception_handler",
    "ORDERING_PARAM": "ordering",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Who may call from other origins is asked of the store (apps/common/api/cors.py), never of these.
CORS_URLS_REGEX = r"^/(api/v1|\.well-known)/"
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    # What is sent straight into a bucket says how it is encrypted.
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-api-key",
    "x-auth-mode",
    "x-cart-token",
    "x-csrf-token",
    "x-file-name",
    "x-order-token",
    "x-request-id",
    "x-store",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Cart-Token",
    "X-Order-Token",
    "X-Request-ID",
]
CORS_PREFLIGHT_MAX_AGE = 600
SPECTACULAR_SETTINGS = {
    "TITLE": "FusionCommerce",
    "DESCRIPTION": "Multi-tenant, multi-vendor commerce with group buying.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": {"headers": {name: dict(header) for name, header in HEADERS.items()}},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "StoreStatusEnum": "apps.tenancy.models.StoreStatus",
        "AuditActionEnum": "apps.accounts.models.AuditAction",
        "ConsentKindEnum": "apps.accounts.models.ConsentKind",
        "AccountStatusEnum": "apps.accounts.models.AccountStatus",
        "RoleEnum": "apps.accounts.roles.Role",
        "TeamRoleEnum": "apps.accounts.team.TEAM_CHOICES",
        "ApiKeyKindEnum": "apps.accounts.models.KeyKind",
        "MfaKindEnum": "apps.accounts.models.MfaKind",
        "MfaMethodEnum": "apps.accounts.api.mfa_serializers.METHODS",
        "OrderStatusEnum": "apps.orders.states.OrderStatus",
        "PaymentStatusEnum": "apps.orders.states.PaymentStatus",
        "PromotionKindEnum": "apps.orders.models.promotions.PromotionKind",
        "FulfillmentStatusEnum": "apps.orders.states.FulfillmentStatus",
        "DraftStatusEnum": "apps.orders.models.DraftStatus",
        "ReturnStatusEnum": "apps.orders.models.ReturnStatus",
        "ReturnKindEnum": "apps.orders.models.ReturnKind",
        "ReturnReasonEnum": "apps.orders.models.ReturnReason",
        "HoldKindEnum": "apps.orders.models.HoldKind",
        "InvoiceKindEnum": "apps.orders.models.InvoiceKind",
        "OrganizationRoleEnum": "apps.orders.models.OrganizationRole",
        "HoldByHandEnum": "apps.orders.api.holds.BY_HAND_CHOICES",
        "PaymentStateEnum": "apps.payments.states.PaymentState",
        "RefundStatusEnum": "apps.payments.models.RefundStatus",
        "ShipmentStatusEnum": "apps.shipping.models.ShipmentStatus",
        "CampaignStatusEnum": "apps.group_commerce.models.CampaignStatus",
        "ParticipantStatusEnum": "apps.group_commerce.models.ParticipantStatus",
        "NotificationStatusEnum": "apps.notifications.models.NotificationStatus",
        "DeliveryStatusEnum": "apps.events.models.DeliveryStatus",
        "ProductKindEnum": "apps.catalog.models.ProductKind",
        "AttributeKindEnum": "apps.catalog.models.ValueKind",
        "PriceListKindEnum": "apps.catalog.models.PriceListKind",
        "RequestStatusEnum": "apps.catalog.models.RequestStatus",
        "RequestKindEnum": "apps.catalog.models.ChangeRequest.Kind",
        "VendorStatusEnum": "apps.catalog.models.VendorStatus",
        "PaperStatusEnum": "apps.catalog.models.PaperStatus",
        "PaperDecisionEnum": "apps.catalog.api.vendors_serializers.DECISIONS",
        "ChecklistKindEnum": "apps.catalog.api.vendors_serializers.ITEM_KINDS",
        "ChecklistStateEnum": "apps.catalog.api.vendors_serializers.ITEM_STATES",
    },
}

# --- Language, time, logs -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["config.formats"]
LOGGING_CONFIG = None
LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
logging_config(LOG_LEVEL)
start_error_reports(
    os.environ.get("SENTRY_DSN", ""), environment=os.environ.get("FC_ENV", "development")
)

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "FusionCommerce",
    "SITE_HEADER": "apps.common.admin.site_header",
    "SITE_SUBHEADER": "apps.common.admin.site_subheader",
    "SITE_SYMBOL": "storefront",
    "STYLES": ["apps.common.admin.styles"],
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": "/admin/password_change/"},
            {"title": "Two-step sign-in", "link": "/admin/two-step/"},
            {"title": "Where you are signed in", "link": "/admin/sessions/"},
        ]
    },
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
