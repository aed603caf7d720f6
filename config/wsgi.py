"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Every view is loaded before the server forks, once for all: else the first to ask each process waits for seconds.
assert get_resolver().url_patterns
