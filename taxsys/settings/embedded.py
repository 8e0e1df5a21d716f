"""Profile of `make run`, `make test` and development: embedded servers, demonstration accounts, HTTP on loopback."""

from taxsys.settings.base import *  # noqa: F403

TAXSYS_PROFILE = "embedded"
SECRET_KEY = secret_from_file("TAXSYS_SECRET_KEY_FILE") or "embedded-profile-only-never-in-production-0123456789"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A demonstration's passwords are printed on its console; the check against common ones stays.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
# The demonstration prints its second factor on the console; production refuses this class.
TAXSYS_SECOND_FACTOR = "taxsys.platform.staff.factors.ConsoleCode"
# Keys of this installation's data folder are made at first use; production is given them.
TAXSYS_CREATE_KEYS = True
