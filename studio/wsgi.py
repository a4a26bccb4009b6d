"""The web application, for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
application = get_wsgi_application()

from media_app import storage  # noqa: E402  (what needs the applications that the line above loads)
from studio.runtime import checks  # noqa: E402

checks.refuse()
# Every page, and what reaches the store, is loaded before the first visitor comes.
get_resolver().url_patterns  # noqa: B018
storage.store().prepare()

# What is loaded stays for good and need not be looked through for garbage; and a request makes far more objects than the 700
# after which Python looks. It was a sixth of the processor time of a request.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
