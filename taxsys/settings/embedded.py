"""Profile of `make run` and `make test`: embedded servers, demonstration accounts."""

from taxsys.settings.base import *  # noqa: F403

SECRET_KEY = "embedded-profile-only-never-in-production-0123456789"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
