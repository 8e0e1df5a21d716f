"""Settings shared by every profile. Profiles add what differs: `embedded` (default) and `production`."""

import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from taxsys.settings.keys import secret_from_file  # noqa: F401  (used by the profiles)
from taxsys.settings.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Commands that change tables work as the owner (MIGRATION_DATABASE_URL); everything else as the application.
OWNER_COMMANDS = frozenset({"migrate", "sqlmigrate", "sqlflush"})

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "taxsys.platform.staff",
    "taxsys.platform.sittings",
    "taxsys.platform.audit",
    "auditlog",
    "taxsys.platform.approvals",
    "taxsys.platform.jobs",
    "taxsys.platform.rights",
    "taxsys.platform.emergency",
    "taxsys.platform.retention",
    "taxsys.platform.files",
    "taxsys.platform.printing",
    "taxsys.platform.outbox",
    "taxsys.platform.search",
    "taxsys.platform.registers",
    "taxsys.platform.datasets",
    "taxsys.platform.ui",
    "addressbook",
    "collection",
    "collection.closing",
    "collection.takeover",
    "collection.withheld",
    "collection.payouts",
    "collection.deferments",
    "collection.paid_slips",
    "collection.remitting",
    "assessment",
    "assessment.scans",
    "assessment.withholders",
    "assessment.amendments",
    "assessment.pensions",
    "assessment.premises",
    "assessment.yearend",
    "delinquency",
    "certificates",
    "eltax_bridge",
    "intermediary",
    "intermediary.inquiries",
    "taxsys.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "taxsys.platform.ui.middleware.RequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "taxsys.platform.ui.middleware.SessionLifeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
    "taxsys.platform.ui.middleware.AccessContextMiddleware",
]

ROOT_URLCONF = "taxsys.web.urls"
WSGI_APPLICATION = "taxsys.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "taxsys.platform.ui.frame.page_frame",
            ],
            "builtins": ["taxsys.platform.ui.templatetags.house"],
        },
    },
]


def database_from_url(url: str) -> dict[str, object]:
    """Django's database dictionary for a `postgresql://` URL; a socket folder stands percent-encoded as the host."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    place = parts.netloc.rpartition("@")[2]
    host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", "")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": port,
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": os.environ.get("TAXSYS_TEST_DB", "test_taxsys")},
    }


def database_url() -> str:
    """The URL of this process: the owner's for commands that change the schema, the application's for all others."""
    command = sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[0]).name in {"manage.py", "django-admin"} else ""
    if command in OWNER_COMMANDS and os.environ.get("MIGRATION_DATABASE_URL"):
        return os.environ["MIGRATION_DATABASE_URL"]
    return os.environ.get("DATABASE_URL", "postgresql://taxsys_app@/taxsys")


def broker_url(url: str) -> str:
    """Celery's spelling of a Redis URL: a socket (`unix://:password@/path?db=0`) is `redis+socket://` there."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


def with_password(url: str, password: str) -> str:
    """The same URL with this password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://:{password}@{rest.rpartition('@')[2]}"


def seconds_within(variable: str, *, least: int, most: int) -> int:
    """A time limit from the environment, the most that is allowed by default; raises ImproperlyConfigured."""
    text = os.environ.get(variable, str(most))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ImproperlyConfigured(f"{variable} must be {least} to {most} seconds, not {text!r}")
    return int(text)


DATABASES = {"default": database_from_url(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

AUTH_USER_MODEL = "staff.Staff"

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "taxsys.platform.ui.finders.FontFinder",
]

# Where received and issued files, print packages and keys of this installation live.
TAXSYS_DATA_DIR = Path(os.environ.get("TAXSYS_DATA_DIR", BASE_DIR / "var" / "data"))
# The business date of a demonstration or test installation (ISO); empty means the real day.
TAXSYS_BUSINESS_DATE = os.environ.get("TAXSYS_BUSINESS_DATE", "")
# The municipality that runs this installation (総務省 6-digit code).
TAXSYS_MUNICIPALITY_CODE = os.environ.get("TAXSYS_MUNICIPALITY_CODE", "012041")
# Where data and copies of it may lie. Names begin with the country: jp-…; production refuses any other.
TAXSYS_STORAGE_REGIONS = tuple(
    filter(None, os.environ.get("TAXSYS_STORAGE_REGIONS", "jp-asahikawa,jp-sapporo").split(","))
)

# ---- Sessions and cookies: in the database (a lost Redis signs nobody out), ended with the browser, 12 hours at most.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "taxsys_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "taxsys_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
# Idle lock of a screen in seconds: ten minutes at most, whatever the environment says.
TAXSYS_IDLE_LOCK_SECONDS = seconds_within("TAXSYS_IDLE_LOCK_SECONDS", least=60, most=600)

# ---- What a browser may do with a page: nothing but our own files, no frames, no inline script or style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Not "no-referrer": with it browsers send `Origin: null` on our own forms, which the CSRF check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# ---- Sign-in. Failures make the next try wait; nobody can lock another person out for good.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "taxsys.platform.staff.backends.StaffBackend"]
AXES_ENABLE_ADMIN = False
AXES_USERNAME_FORM_FIELD = "staff_no"
AXES_CLIENT_IP_CALLABLE = "taxsys.platform.staff.terminals.client_address"
AXES_LOCKOUT_CALLABLE = "taxsys.platform.ui.refusal_pages.locked_out"
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("staff_no", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "taxsys.platform.staff.passwords.HistoryValidator", "OPTIONS": {"remembered": 5}},
]
# The PIA names an expiry but no number of days; the city's own security policy decides these figures (unconfirmed).
TAXSYS_PASSWORD_DAYS = int(os.environ.get("TAXSYS_PASSWORD_DAYS", "90"))
TAXSYS_PASSWORD_WARNING_DAYS = int(os.environ.get("TAXSYS_PASSWORD_WARNING_DAYS", "14"))
TAXSYS_PASSWORDS_KEPT = 10
TAXSYS_ACKNOWLEDGEMENT_GRACE_DAYS = int(os.environ.get("TAXSYS_ACKNOWLEDGEMENT_GRACE_DAYS", "30"))

# The second factor of this installation (a dotted class name); the profile of a city sets its own.
TAXSYS_SECOND_FACTOR = "taxsys.platform.staff.factors.NoFactor"
# Security keys: relying party, its addresses, the makes (AAGUID) and root certificates the city takes.
TAXSYS_WEBAUTHN_RP_ID = os.environ.get("TAXSYS_WEBAUTHN_RP_ID", "")
TAXSYS_WEBAUTHN_ORIGINS = [part for part in os.environ.get("TAXSYS_WEBAUTHN_ORIGINS", "").split(",") if part]
TAXSYS_WEBAUTHN_AAGUIDS = [part for part in os.environ.get("TAXSYS_WEBAUTHN_AAGUIDS", "").split(",") if part]
TAXSYS_WEBAUTHN_ROOTS_DIR = os.environ.get("TAXSYS_WEBAUTHN_ROOTS_DIR", "")
# Only a test takes keys whose maker cannot be proved; nothing in the environment switches this off.
TAXSYS_WEBAUTHN_MUST_CHAIN = True
# Addresses of the reverse proxies whose X-Forwarded-For is believed.
TAXSYS_TRUSTED_PROXIES = [part for part in os.environ.get("TAXSYS_TRUSTED_PROXIES", "").split(",") if part]
# By what a terminal is known: its registered address, its certificate (handed over by the proxy), or by both at once.
TAXSYS_TERMINAL_PROOF = [part for part in os.environ.get("TAXSYS_TERMINAL_PROOF", "address").split(",") if part]
CSRF_FAILURE_VIEW = "taxsys.platform.ui.refusal_pages.csrf_failure"
LOGIN_URL = "/sign-in"
FORM_RENDERER = "taxsys.platform.ui.forms.HouseRenderer"
AUDITLOG_CID_GETTER = "taxsys.platform.audit.context.request_id"
AUDITLOG_DISABLE_REMOTE_ADDR = False

# ---- API: nobody without a declared right, JSON only, throttled, described.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["taxsys.platform.staff.rest.ApiClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["taxsys.platform.staff.rest.DeclaredPermission"],
    "EXCEPTION_HANDLER": "taxsys.platform.ui.refusal_pages.rest_exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "基幹税務システム 連携API",
    "DESCRIPTION": "登録簿で認められた項目だけを返す、庁内他システム向けの照会API。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# What one neighbouring system may ask: calls a minute, people in one call.
TAXSYS_API_CALLS_PER_MINUTE = int(os.environ.get("TAXSYS_API_CALLS_PER_MINUTE", "60"))
TAXSYS_API_PERSONS_PER_CALL = int(os.environ.get("TAXSYS_API_PERSONS_PER_CALL", "200"))

# ---- Uploads: bounded; big files are spooled beside the data, never to a world-readable place.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# ---- No lock, session or right depends on a cache; what is cached is cached per process.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ---- Celery: a message only says "look at run N"; state, results and schedules are rows in PostgreSQL.
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Only the pulse; what is due stands in PostgreSQL. A missed or doubled beat changes nothing.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.sweep", "schedule": 10.0},
    "seal": {"task": "web.seal", "schedule": 5.0},
}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 10}

# ---- Keys. The vault's provider (PKCS#11, key service, or "file") and the folder of its files; see docs/operations.md.
TAXSYS_KEY_PROVIDER = os.environ.get("TAXSYS_KEY_PROVIDER", "")
TAXSYS_KEY_DIR = os.environ.get("TAXSYS_KEY_DIR", "")
# The token of "pkcs11": library, label, file of the PIN, and how long one act may take before number functions stop.
TAXSYS_PKCS11_MODULE = os.environ.get("TAXSYS_PKCS11_MODULE", "")
TAXSYS_PKCS11_TOKEN = os.environ.get("TAXSYS_PKCS11_TOKEN", "")
TAXSYS_PKCS11_PIN_FILE = os.environ.get("TAXSYS_PKCS11_PIN_FILE", "")
TAXSYS_PKCS11_SECONDS = float(os.environ.get("TAXSYS_PKCS11_SECONDS", "10"))
# Numbers on the screen: how long one stands there, how many an officer may show or look up, and from how many a day
# on twice the usual is an alarm. The limits are the house's own values (unconfirmed), to be set by the city.
TAXSYS_REVEAL_SECONDS = int(os.environ.get("TAXSYS_REVEAL_SECONDS", "30"))
TAXSYS_NUMBERS_PER_MINUTE = int(os.environ.get("TAXSYS_NUMBERS_PER_MINUTE", "60"))
TAXSYS_NUMBERS_PER_DAY = int(os.environ.get("TAXSYS_NUMBERS_PER_DAY", "500"))
TAXSYS_NUMBERS_ALARM_FROM = int(os.environ.get("TAXSYS_NUMBERS_ALARM_FROM", "20"))
# Numbers of received files: lines compared before a file's numbers count as confirmed, and from how many records on a
# file of the resident register needs that, too (single changes do not). The house's own values, to be set by the city.
TAXSYS_NUMBER_FILE_SAMPLE = int(os.environ.get("TAXSYS_NUMBER_FILE_SAMPLE", "20"))
TAXSYS_NUMBER_FILE_FEED_FROM = int(os.environ.get("TAXSYS_NUMBER_FILE_FEED_FROM", "500"))
# Files of the resident register are taken in as they arrive, without anybody asking; the demonstration asks.
TAXSYS_QUEUES_START = os.environ.get("TAXSYS_QUEUES_START", "") == "1"
# A copy for tests or training takes no number that its list of production's fingerprints knows.
TAXSYS_REAL_NUMBERS_REFUSED = os.environ.get("TAXSYS_REAL_NUMBERS_REFUSED", "") == "1"
# Who signs the daily heads of the access log: "file" (audit-v1.key) or a dotted class.
TAXSYS_AUDIT_SIGNER = os.environ.get("TAXSYS_AUDIT_SIGNER", "file")

STATIC_ROOT: Path | None = Path(os.environ.get("TAXSYS_STATIC_ROOT", BASE_DIR / "staticfiles"))
LOGGING = logging_settings(os.environ.get("TAXSYS_LOG_LEVEL", "INFO"))
LOGGING_CONFIG = "taxsys.settings.logs.configure"
SILENCED_SYSTEM_CHECKS: list[str] = []
