"""The WSGI application, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")

application = get_wsgi_application()

from lantai import wiring  # noqa: E402 - models need Django set up

wiring.provide()
