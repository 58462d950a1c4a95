"""All settings. Nothing needs to be set for a first look; what can be set is listed in .env.example.

With an empty environment: SQLite, keys, mail and the task queue live in var/, and only this machine is
answered. With VOCDASH_PRODUCTION=1 nothing is made up any more: what is missing is refused by name.
"""

import os
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from vocdash.env import Environment
from vocdash.keyfile import LEAST_KEY_LENGTH, KeyFileError, read_or_make_key
from vocdash.services import database_settings, mail_service, redis_address

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env = Environment(os.environ)
PRODUCTION = env.production = env.flag("VOCDASH_PRODUCTION", default=False)
VAR_DIR = env.path("VOCDASH_VAR", BASE_DIR / "var")


def _own_key(name: str) -> str:
    """Return the key of this installation, made in var/ on first use."""
    try:
        return read_or_make_key(VAR_DIR / name)
    except KeyFileError as error:
        raise ImproperlyConfigured(str(error)) from error


# --- Secrets: two keys, kept apart, so that changing one never changes the other.
SECRET_KEY = env.secret("SECRET_KEY", lambda: _own_key("secret_key"), least=LEAST_KEY_LENGTH)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Customers are known only by a hash keyed with this. Another key makes other hashes of the same customers.
CUSTOMER_HASH_KEY = env.secret(
    "CUSTOMER_HASH_KEY", lambda: _own_key("customer_hash_key"), least=LEAST_KEY_LENGTH
)

# --- Who is answered
DEBUG = env.flag("DEBUG", default=False)
if DEBUG and PRODUCTION:
    env.refuse("DEBUG", "is on, which shows settings and code to visitors. Unset it in production.")
env.missing("ALLOWED_HOSTS", "List the host names people use, such as voc.example.org.")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"), wildcards=True)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
# Behind how many proxies we stand: the visitor's address stands that far from the right of X-Forwarded-For.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=5)
env.missing(
    "SITE_URL", "Set it to the address that links in e-mails lead to, such as https://voc.example.org."
)
SITE_URL = (env.origins("SITE_URL") or ["http://localhost:8000"])[0]

# --- Apps and the way through them
INSTALLED_APPS = [
    "vocdash",
    "vocdash.pages",
    "health",
    "feedback",
    "offers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_tables2",
    "django_htmx",
    "axes",
]
MIDDLEWARE = [
    "vocdash.middleware.SecurityHeaders",  # first, so that every answer has them, errors and files too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vocdash.middleware.SqliteReads",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vocdash.pages.resolve_kept.KeepTyped",  # before the next, which sends away a form with all it holds
    "vocdash.middleware.SignInFirst",  # public views are exempted one by one
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vocdash.middleware.OneSnapshot",  # calls the view: nothing behind it may look at a request before that
    "vocdash.middleware.AgainAfterDeadlock",  # calls the view too, of a form
    "axes.middleware.AxesMiddleware",  # last, as it asks; it looks at answers only
]
ROOT_URLCONF = "vocdash.urls"
WSGI_APPLICATION = "vocdash.wsgi.application"
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
                "vocdash.pages.shell.shell",
            ],
        },
    },
]

# --- Data
DATABASES = {"default": database_settings(env, VAR_DIR)}
# Plans of often asked questions are kept on the connection (offers/prepared.py): off behind a pool that
# hands out connections by the transaction and forgets them.
DATABASE_PREPARE = env.flag("DATABASE_PREPARE", default=True)
# SQLite leaves out what an index only carries along; the index works without.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS = redis_address(env)
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "vocdash"}
    if REDIS is None
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS.cache,
        "KEY_PREFIX": "vocdash",
        "OPTIONS": {"socket_connect_timeout": 5, "socket_timeout": 10},
    }
}

# --- Signing in
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "vocdash.signing_in.AccountBackend"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/voc/"
LOGOUT_REDIRECT_URL = LOGIN_URL
# Ten wrong passwords for one name from one address: fifteen minutes of rest for that pair. Locking the name
# alone would let a stranger lock a seller out.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "vocdash.middleware.client_address"
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "vocdash.pages.views.account.locked_out"
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())

# --- Cookies, transport, headers
SESSION_ENGINE = "vocdash.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "vocdash.pages.views.forms.token_refused"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; scripts have no need of it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from next door, by plain HTTP
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000, least=0, most=63_072_000) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only behind a proxy that sets, or strips, this header itself: whoever can send it is believed.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TRUST_X_FORWARDED_PROTO", default=False) else None
)
IMAGE_HOSTS = env.hosts("IMAGE_HOSTS")
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Files
# Pictures that sellers upload. Served by a view that checks who asks, so they have no address of their own.
MEDIA_ROOT = VAR_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
# In production: collected once, names carry a hash, kept by browsers for a year. Elsewhere: served straight
# from the source tree, so that nothing has to be collected first.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Mail
_mail = mail_service(env, VAR_DIR)
EMAIL_BACKEND = _mail.backend
EMAIL_FILE_PATH = _mail.folder
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.start_tls, _mail.sealed
EMAIL_TIMEOUT = 20
# Who puts notices into words: health knows the outbox and nothing of pages.
NOTICE_WRITER = "vocdash.pages.mail.write"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SUMMARY_WEEKDAY = WEEKDAYS.index(env.choice("SUMMARY_DAY", "monday", WEEKDAYS))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "vocdash@localhost")
# Who is told of nights that don't come and of closures that are held back.
MANAGERS = [("", address) for address in env.mail_addresses("OPERATOR_EMAILS")]
# Where sellers write to; the help pages name it. Without it they are told to ask the operator.
SUPPORT_EMAIL = env.mail_address("SUPPORT_EMAIL")

# --- How long what is kept, in days (health/retention.py); None: for ever. The least is what pages, downloads
# and a night computed again need: 105 weeks of charts, and before them the longest window.
RETENTION = {
    "history": env.days("VOCDASH_KEEP_HISTORY_DAYS", 0, least=760),
    "benchmarks": env.days("VOCDASH_KEEP_BENCHMARKS_DAYS", 760, least=760),
    "orders": env.days("VOCDASH_KEEP_ORDERS_DAYS", 0, least=830),
    "runs": env.days("VOCDASH_KEEP_RUNS_DAYS", 180, least=30),
    "emails": env.days("VOCDASH_KEEP_EMAILS_DAYS", 90, least=7),
    "notices": env.days("VOCDASH_KEEP_NOTICES_DAYS", 730, least=60),
    "drafts": env.days("VOCDASH_KEEP_DRAFTS_DAYS", 180, least=30),
    "problems": env.days("VOCDASH_KEEP_PROBLEMS_DAYS", 90, least=7),
    "imports": env.days("VOCDASH_KEEP_IMPORTS_DAYS", 730, least=30),
    "sign_ins": env.days("VOCDASH_KEEP_SIGN_INS_DAYS", 30, least=1),
}

# --- Tasks (see vocdash/celery.py)
CELERY_BROKER_URL = REDIS.broker if REDIS else "filesystem://"
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if REDIS and REDIS.sealed else None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        # A task whose worker died is handed out again after this; longer than any task may take.
        "visibility_timeout": 3600,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    }
    if REDIS
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
    }
)
NIGHT_WORKERS = env.number("NIGHT_WORKERS", 2, least=1, most=64)  # processes that share out one large night
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "vocdash"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # the truth about a run is in the database
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 40 * 60
CELERY_TASK_TIME_LIMIT = 45 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = REDIS is not None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# One entry for all marketplaces: the task itself finds whose night has come, so clock changes, other time
# zones and hours of downtime need nothing here.
CELERY_BEAT_SCHEDULE = {
    "start-due-nights": {
        "task": "health.tasks.start_due_nights",
        "schedule": crontab(minute="2-59/5"),  # so that a night that was killed begins anew soon
        "options": {"expires": 280},  # after a long stop the queue holds one of them, not a day's worth
    },
    "send-notices": {
        "task": "health.tasks.send_notices",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 50},
    },
    "tell-of-late-nights": {
        "task": "vocdash.tasks.tell_of_late_nights",
        "schedule": crontab(minute="17"),
        "options": {"expires": 3300},
    },
    "end-dead-imports": {
        "task": "vocdash.tasks.end_dead_imports",
        "schedule": crontab(minute="47"),
        "options": {"expires": 3300},
    },
    "apply-retention": {
        "task": "vocdash.tasks.apply_retention",
        "schedule": crontab(hour="5", minute="20"),
        "options": {"expires": 12 * 3600},
    },
    "discard-unused-pictures": {
        "task": "health.tasks.discard_unused_pictures",
        "schedule": crontab(hour="4", minute="40"),
        "options": {"expires": 12 * 3600},
    },
}

# --- Logging
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": "INFO"},
        "axes": {"level": "WARNING"},  # it tells of every sign-in; failed ones are warnings
    },
}

env.refuse_problems()
