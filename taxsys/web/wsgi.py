"""WSGI entry of the web servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taxsys.settings.embedded")
application = get_wsgi_application()
