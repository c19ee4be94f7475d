"""The WSGI application, served by granian."""

import os
import signal
import threading
import time

from django.core.wsgi import get_wsgi_application

FOLLOW_VARIABLE = "LANTAI_SERVE_PARENT"
_LOOK_SECONDS = 1.0
_END_SECONDS = 10.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")

application = get_wsgi_application()

from lantai import wiring  # noqa: E402 - models need Django set up
from lantai.server.readiness import make_ready  # noqa: E402

wiring.provide()
make_ready()


def follow(parent: int) -> None:
    """End this process soon after *parent* is gone: a server that was killed must not leave one behind that holds its port."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_END_SECONDS)
    os._exit(1)


if os.environ.get(FOLLOW_VARIABLE) == str(os.getppid()):
    threading.Thread(target=follow, args=(os.getppid(),), name="follow", daemon=True).start()
