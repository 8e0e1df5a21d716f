"""Profile of a city in production. Whatever is unsafe refuses to start, in words that say what to change."""

import ssl

from taxsys.settings.base import *  # noqa: F403
from taxsys.settings.keys import secret_text
from taxsys.settings.refusals import refuse_unsafe

TAXSYS_PROFILE = "production"
DEBUG = os.environ.get("DJANGO_DEBUG", "") not in {"", "0", "false"}
SECRET_KEY = secret_from_file("TAXSYS_SECRET_KEY_FILE")
ALLOWED_HOSTS = [host for host in os.environ.get("TAXSYS_ALLOWED_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

if os.environ.get("DATABASE_PASSWORD_FILE"):
    DATABASES["default"]["PASSWORD"] = secret_text(os.environ["DATABASE_PASSWORD_FILE"])
if DATABASES["default"]["USER"] == "taxsys_owner" and os.environ.get("MIGRATION_DATABASE_PASSWORD_FILE"):
    DATABASES["default"]["PASSWORD"] = secret_text(os.environ["MIGRATION_DATABASE_PASSWORD_FILE"])
if os.environ.get("REDIS_PASSWORD_FILE"):
    REDIS_URL = with_password(os.environ.get("REDIS_URL", ""), secret_text(os.environ["REDIS_PASSWORD_FILE"]))
    CELERY_BROKER_URL = broker_url(REDIS_URL)
if REDIS_URL.startswith("rediss://"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
# Servers in containers on this very machine's own network, to which TLS is not spoken; everything else needs it.
TAXSYS_INSIDE_HOSTS = [host for host in os.environ.get("TAXSYS_INSIDE_HOSTS", "").split(",") if host]

# The reverse proxy ends TLS and is the only one who may set this header (the proxy removes a client's own).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("TAXSYS_TLS", "1") == "1"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-taxsys_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-taxsys_csrf"
TAXSYS_SECOND_FACTOR = "taxsys.platform.staff.webauthn_factor.WebAuthnKey"
TAXSYS_QUEUES_START = os.environ.get("TAXSYS_QUEUES_START", "1") == "1"
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "web.tick", "schedule": 10.0},
    "seal": {"task": "web.seal", "schedule": 5.0},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

refuse_unsafe(globals())
