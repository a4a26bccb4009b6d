"""The web application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
application = get_wsgi_application()

from studio import checks  # noqa: E402  (checks need the applications that the line above loads)

checks.refuse()
get_resolver().url_patterns  # noqa: B018  (every page is loaded before the first visitor comes)
