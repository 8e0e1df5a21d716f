"""Settings shared by every profile. Profiles add what differs: `embedded` (default) and `production`."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent.parent

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "auditlog",
    "taxsys.platform.staff",
    "taxsys.platform.audit",
    "taxsys.platform.approvals",
    "taxsys.platform.jobs",
    "taxsys.platform.files",
    "taxsys.platform.printing",
    "taxsys.platform.outbox",
    "taxsys.platform.search",
    "taxsys.platform.ui",
    "addressbook",
    "collection",
    "assessment",
    "delinquency",
    "certificates",
    "eltax_bridge",
    "intermediary",
    "taxsys.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
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
            ],
        },
    },
]


def database_from_url(url: str) -> dict[str, object]:
    """Django's database dictionary for a `postgresql://` URL; a socket folder stands percent-encoded as the host."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") if "%" not in parts.netloc else unquote(parts.netloc.rsplit("@", 1)[-1]),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": os.environ.get("TAXSYS_TEST_DB", "test_taxsys")},
    }


DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", "postgresql://taxsys@/taxsys"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

AUTH_USER_MODEL = "staff.Staff"

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Where received and issued files, print packages and keys of this installation live.
TAXSYS_DATA_DIR = Path(os.environ.get("TAXSYS_DATA_DIR", BASE_DIR / "var" / "data"))
# The business date of a demonstration or test installation (ISO); empty means the real day.
TAXSYS_BUSINESS_DATE = os.environ.get("TAXSYS_BUSINESS_DATE", "")
# The municipality that runs this installation (総務省 6-digit code).
TAXSYS_MUNICIPALITY_CODE = os.environ.get("TAXSYS_MUNICIPALITY_CODE", "012041")
