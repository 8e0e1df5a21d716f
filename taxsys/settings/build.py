"""Profile of an image build: collects static files under production's names; it has no servers and no secrets."""

from taxsys.settings.base import *  # noqa: F403

TAXSYS_PROFILE = "build"
SECRET_KEY = "building-an-image-signs-nothing"
DEBUG = False
ALLOWED_HOSTS: list[str] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
