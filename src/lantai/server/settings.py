"""Django settings, derived from the settings of the installation (``lantai.toml`` and ``LANTAI_*``).

Nothing here touches the disk: ``django check`` passes before the data folder exists.
"""

from typing import Any

from django.utils.csp import CSP

from lantai.ports.settings import Settings
from lantai.shelves.databases import databases

LANTAI = Settings()

# Commands work before there is a key; ``lantai serve`` refuses to start without one.
SECRET_KEY = LANTAI.secret_key or "only-until-lantai-init-has-written-one"
DEBUG = False
ALLOWED_HOSTS = list(dict.fromkeys((*LANTAI.hosts, "127.0.0.1", "localhost", "[::1]", LANTAI.bind)))
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
ROOT_URLCONF = "lantai.server.urls"
WSGI_APPLICATION = "lantai.server.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_ox",
    "lantai.shelves.people",
    "lantai.shelves.recovery",
    "lantai.shelves.intake",
    "lantai.shelves.holdings",
    "lantai.shelves.ledger",
    "lantai.shelves.policy",
    "lantai.shelves.gates",
    "lantai.shelves.reports",
    "lantai.shelves.metadata",
    "lantai.shelves.upkeep",
    "lantai.shelves.copies",
    "lantai.shelves.versions",
    "lantai.shelves.register",
    "lantai.shelves.exchange",
    "lantai.shelves.digitising",
    "lantai.shelves.journal",
    "lantai.shelves.edge",
    "lantai.web",
]
# Order matters: security headers outermost, files before sessions; systems that call the interface meet no session and no cookie.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lantai.web.middleware.Lighter",
    "lantai.api.gate.Gate",
    "lantai.web.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lantai.web.middleware.Gate",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lantai.web.context.shell",
            ],
        },
    }
]

DATABASES = databases(LANTAI.database, LANTAI.data)
DATABASE_ROUTERS = ["lantai.shelves.databases.EdgeRouter"]

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "lantai_session"
SESSION_COOKIE_AGE = LANTAI.session_minutes * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "lantai_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lantai.web.views.outside.stale"
# Behind a proxy that speaks https the proxy's word on the scheme is taken; without one nobody's is.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANTAI.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LANTAI.https else None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "lantai.web.uploads.NamelessFiles"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_NUMBER_FILES = LANTAI.unpacked_entries

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}

# A worker that stops renewing its lease for this long has lost its task; it renews three times as often.
TASK_LEASE_SECONDS = 60
TASKS = {
    "default": {
        "BACKEND": "django_ox.backend.OxBackend",
        "QUEUES": [],
        "OPTIONS": {"MAX_ATTEMPTS": 3, "LOCK_TIMEOUT": TASK_LEASE_SECONDS, "BACKOFF_INITIAL": 30, "BACKOFF_MAX": 600},
    }
}
