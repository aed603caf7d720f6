"""The one settings file. Deployment comes from the environment; policy lives in `Setting` rows."""

from datetime import timedelta
from pathlib import Path

import dj_database_url

from config import env, oidc

BASE_DIR = Path(__file__).resolve().parent.parent
CASELOOP_HOME = env.private_folder("CASELOOP_HOME", BASE_DIR / ".caseloop")
CASELOOP_DATA = env.folder("CASELOOP_DATA", BASE_DIR / "data")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65535)
PUBLIC_URL = env.url("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
HTTPS = PUBLIC_URL.scheme == "https"

DEBUG = env.boolean("DJANGO_DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", CASELOOP_HOME / "secret-key")
ALLOWED_HOSTS = sorted({str(PUBLIC_URL.hostname), "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = [f"{PUBLIC_URL.scheme}://{PUBLIC_URL.netloc}"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "incidents",
    "classifier",
    "events",
    "workers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.private_pages.not_kept",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "incidents.session_bounds.bounded",
    "incidents.middleware.personal",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "incidents.second_factor.asked_of_admins",
    "config.limits.TellsWhen",
    "incidents.middleware.of_size",
    "incidents.middleware.as_written",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "workers.context.work_banner",
            ]
        },
    }
]

# SQLite: WAL and IMMEDIATE, else a read that turns into a write fails at once with "database is locked".
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # A batch of events changes a thousand pages: room for them in memory, and no checkpoint after each commit.
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
    "PRAGMA cache_size=-65536;PRAGMA wal_autocheckpoint=10000;PRAGMA temp_store=MEMORY;",
}
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{CASELOOP_HOME / 'caseloop.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# PostgreSQL would wait for a lock for ever, and for a server that is half there for minutes.
POSTGRES_OPTIONS = {"connect_timeout": 5, "options": f"-c lock_timeout={SQLITE_OPTIONS['timeout']}s"}
engine = DATABASES["default"]["ENGINE"]
DATABASES["default"].setdefault("OPTIONS", {})
usual = SQLITE_OPTIONS if "sqlite" in engine else POSTGRES_OPTIONS
DATABASES["default"]["OPTIONS"] = usual | DATABASES["default"]["OPTIONS"]  # what DATABASE_URL says goes before
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "incidents.User"
AUTHENTICATION_BACKENDS = [
    "incidents.sign_in.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_RATE_LIMITS = {  # the others are allauth's own; how many may be filed and called is on the Settings page
    "login_failed": "10/m/ip,5/300s/key",  # key: the account, or whatever name was tried
    "signup": "10/m/ip,60/h/ip",
    "reset_password": "5/m/ip,3/10m/key",
}
ACCOUNT_ADAPTER = "incidents.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "incidents.forms.account.LoginForm",
    "reset_password": "incidents.forms.account.ResetPasswordForm",
    "signup": "incidents.forms.account.SignupForm",
}

# A second factor. Security keys need a domain: over plain http browsers offer them at `localhost` alone.
MFA_FOR_ADMINS = env.boolean("MFA_FOR_ADMINS", True)  # `make demo` says false: its passwords are printed
MFA_ADAPTER = "incidents.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Caseloop"
MFA_TOTP_TOLERANCE = 1  # codes of half a minute before and after: clocks of telephones are not exact
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are not verified here; accounts need none
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

OIDC = oidc.provider()  # else people sign in with a password or a passkey alone
SOCIALACCOUNT_PROVIDERS = OIDC.to_allauth() if OIDC else {}
SOCIALACCOUNT_ADAPTER = "incidents.accounts.ProviderAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a provider is tied to an account, or untied

MAIL_SERVER = env.mail_server("EMAIL_URL")
SENDS_MAIL = bool(MAIL_SERVER.host)  # else no password reset is offered: its link would have to go to a log
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if SENDS_MAIL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL_SERVER.encryption == "tls", MAIL_SERVER.encryption == "starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM") or f"caseloop@{PUBLIC_URL.hostname}"

SESSION_COOKIE_AGE = env.integer("SESSION_IDLE_HOURS", 12, minimum=1, maximum=24 * 90) * 3600  # without being used
SESSION_LONGEST_SECONDS = env.integer("SESSION_DAYS", 7, minimum=1, maximum=90) * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a proxy ends TLS, and sets this header itself: see the README
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # asked from beside the process, not through the proxy
    # Names that only this host, and this path, can set: no other host of the domain plants a session.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    # How far browsers insist on https. Further than this host is a decision about others' hosts: HSTS takes it.
    HSTS = env.choice("HSTS", "host", "subdomains", "preload")
    SECURE_HSTS_SECONDS = (365 if HSTS == "preload" else 30) * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = HSTS in {"subdomains", "preload"}, HSTS == "preload"
    # Once it is taken, `check --deploy` need not ask for more.
    SILENCED_SYSTEM_CHECKS = {"host": ["security.W005", "security.W021"], "subdomains": ["security.W021"]}.get(HSTS, [])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *([OIDC.origin] if OIDC else [])],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
MEDIA_ROOT = CASELOOP_HOME / "media"  # never under a web root: a view with permissions sends what is in it
STATIC_URL = "static/"
STATIC_ROOT = CASELOOP_HOME / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
if MODELS_STORAGE := env.storage("MODELS_STORAGE"):  # else artefacts lie in CASELOOP_HOME/models alone
    STORAGES["models"] = MODELS_STORAGE
WEBHOOK_HOSTS = env.webhook_hosts("WEBHOOK_HOSTS")  # empty: no webhook can be made
METRICS_TOKEN = env.text("METRICS_TOKEN")  # lets Prometheus read /metrics without an account
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # a 20,000-character report needs 80 kB; more is no report
DATA_UPLOAD_MAX_NUMBER_FILES = 20  # a report takes 10; files larger than 2.5 MB go to the disk as they arrive

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.api.access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.access.MayAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.bodies.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "config.api.paging.NewestFirst",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # ?format= is what events are read as, not how an answer looks
    "DEFAULT_THROTTLE_CLASSES": ["config.api.throttle.ByToken"],
    "EXCEPTION_HANDLER": "config.api.errors.handle_error",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "TOKEN_MODEL": "incidents.ApiToken"}
KNOX_TOKEN_MODEL = "incidents.ApiToken"  # noqa: S105 - a model's name
# Tokens are ours. The table that knox would make for its own is never used, and PostgreSQL cannot be flushed with it.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Caseloop API",
    "DESCRIPTION": "File cybersecurity incidents, read what was predicted and decided about them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.schema.add_general_answers",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}

TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, minimum=0, maximum=9)  # of our own, before this server

# Celery: the broker is a doorbell (docs/architecture.md); losing a message loses nothing.
BROKER_FILE = CASELOOP_HOME / "broker-url"  # written by `make demo` for the Redis that it starts
BROKER_URL = env.text("BROKER_URL") or (BROKER_FILE.read_text().strip() if BROKER_FILE.exists() else "")
CELERY_BROKER_URL = BROKER_URL or f"redis+socket://{CASELOOP_HOME / 'redis.sock'}"
# Where sources of events are fetched from; a Redis of its own is wise where senders are many.
_redis_of_the_broker = CELERY_BROKER_URL.replace("redis+socket://", "unix://")
EVENTS_REDIS_URL = env.text("EVENTS_REDIS_URL") or _redis_of_the_broker
# Where limits are counted: the broker's Redis unless named. Sessions stand in the database.
_broker_counts = _redis_of_the_broker.startswith(("redis", "unix"))
CACHE_URL = env.text("CACHE_URL") or (_redis_of_the_broker if _broker_counts else "")
CACHES = {
    "default": {
        "BACKEND": "config.cache.SharedOrOwn",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "caseloop:cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
RATELIMIT_CACHE_PREFIX = "limit:"
KAFKA_SERVERS = env.text("KAFKA_SERVERS")
CELERY_IMPORTS = ["workers.tasks"]
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # the lease in the database decides
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 6_000_000  # KiB
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 600  # a child loads its model first
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "inference"
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "global_keyprefix": "caseloop:",
}
