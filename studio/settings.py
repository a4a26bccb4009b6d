"""Every setting, read from the environment; what is not set is safe for one machine.

`docs/settings.md` lists them. Nothing here opens a connection.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sessions_app.core import rates
from studio.monitoring import logs
from studio.runtime import private

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env("STUDIO_VAR", default=str(BASE_DIR / "var"))).resolve()
private.prepare(VAR_DIR)


def kept_secret(path: Path) -> str:
    """The secret of this installation: made once, readable by its owner alone."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def bucket_origins(backend: str, endpoint: str, bucket: str, region: str) -> list[str]:
    """Where presigned links lead a browser: the endpoint's origin, or Amazon's names of the bucket when none is set."""
    if backend != "s3":
        return []
    if endpoint:
        address = urlsplit(endpoint)
        return [f"{address.scheme}://{address.netloc}"]
    hosts = (f"{bucket}.s3.{region}", f"{bucket}.s3", f"s3.{region}")
    return [f"https://{host}.amazonaws.com" for host in hosts]


# The tenant of records made where no request says one: the admin and the local demo.
DEFAULT_TENANT = env("DEFAULT_TENANT", default="t_local")
DEFAULT_ENV = env("DEFAULT_ENV", default="dev")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or kept_secret(VAR_DIR / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL] if PUBLIC_URL else [])

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "studio.apps.StudioAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "sessions_app",
    "media_app",
    "sync_app",
    "render_app",
    "studio.apps.StudioConfig",
]

MIDDLEWARE = [
    "studio.monitoring.observe.Observe",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studio.web.headers.security_headers",
    "studio.web.control_characters.RefuseControlCharacters",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.runtime.full_disk.deletes_on_a_full_disk",
]

ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"

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
            ],
        },
    },
]

# SQLite: WAL lets readers read while a job writes; IMMEDIATE takes the write lock at the start of a transaction,
# so that two claims never deadlock; FULL keeps a finished job finished through a power cut.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
    "PRAGMA wal_autocheckpoint=1000;",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'studio.sqlite3'}")}
# Opening SQLite for each request costs more than what most requests ask of it, and who closes last waits for the disk.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    # Postgres plans a statement once for each connection, not for each request. 0 behind a pooler that gives each transaction
    # another connection.
    prepared = {"server_side_binding": True, "prepare_threshold": env.int("PREPARE_AFTER", default=5) or None}
    options = prepared | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"] |= {"ENGINE": "studio.runtime.postgres", "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["sessions_app.web.auth.Accounts", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
CSRF_FAILURE_VIEW = "studio.web.faults.csrf_failure"

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "studio.web.formats"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_FINDERS = [
    "studio.web.static_finders.AdminForms",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATICFILES_DIRS = [path for path in (BASE_DIR / "static", BASE_DIR / "build" / "static") if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "studio.web.static_storage.StaticStorage"
    },
}

# Where a recording lies: a folder of this machine, or a bucket of S3 or R2.
STORAGE_BACKEND = env("STORAGE_BACKEND", default="local")
if STORAGE_BACKEND not in ("local", "s3"):
    raise ImproperlyConfigured(f"STORAGE_BACKEND is {STORAGE_BACKEND!r}: set it to 'local' or 's3'.")
MEDIA_STORE_ROOT = Path(env("MEDIA_STORE_ROOT", default=str(VAR_DIR / "store")))
S3_BUCKET = env("S3_BUCKET", default="")
S3_ENDPOINT_URL = env("S3_ENDPOINT_URL", default="")
#: The bucket as browsers reach it, where that differs from how the servers do.
S3_PUBLIC_ENDPOINT_URL = env("S3_PUBLIC_ENDPOINT_URL", default="")
S3_ACCESS_KEY_ID = env("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env("S3_SECRET_ACCESS_KEY", default="")
S3_REGION = env("S3_REGION", default="auto")
#: In front of the store: where signed links of proxies and downloads lead instead, with the same path and signature.
MEDIA_CDN_URL = env("MEDIA_CDN_URL", default="").rstrip("/")
STORAGE_URL_EXPIRES = env.int("STORAGE_URL_EXPIRES", default=6 * 3600)

MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=5 * 2**40)
MULTIPART_FROM_BYTES = min(env.int("MULTIPART_FROM_BYTES", default=100 * 2**20), 5 * 2**30)
# The largest file that is taken in a form, in one request with what is said of it; larger ones are sent by links.
FORM_UPLOAD_MAX_BYTES = env.int("FORM_UPLOAD_MAX_BYTES", default=100 * 2**20)
# What one tenant may use; 0: as much as there is.
TENANT_MAX_BYTES = env.int("TENANT_MAX_BYTES", default=0)
TENANT_MAX_JOBS = env.int("TENANT_MAX_JOBS", default=5000)
TENANT_MAX_PENDING_WEBHOOKS = env.int("TENANT_MAX_PENDING_WEBHOOKS", default=10_000)
UPLOAD_STALE_HOURS = env.int("UPLOAD_STALE_HOURS", default=72)

# Work in the background: workers that look into the database, or Celery's, which Redis wakes.
JOB_DISPATCH = env("JOB_DISPATCH", default="embedded")
if JOB_DISPATCH not in ("embedded", "celery"):
    raise ImproperlyConfigured(f"JOB_DISPATCH is {JOB_DISPATCH!r}: set it to 'embedded' or 'celery'.")
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
REDIS_VISIBILITY_SECONDS = env.int("REDIS_VISIBILITY_SECONDS", default=12 * 3600)
#: By which encodes give way to the pages of the same machine: 0 to 19.
PROGRAM_NICENESS = env.int("PROGRAM_NICENESS", default=10)
if not 0 <= PROGRAM_NICENESS <= 19:
    raise ImproperlyConfigured(f"PROGRAM_NICENESS is {PROGRAM_NICENESS}: set it to 0 to 19.")
SCRATCH_ROOT = Path(env("SCRATCH_ROOT", default=str(VAR_DIR / "scratch")))
#: What a job must leave free on the scratch disk.
SCRATCH_SPARE_BYTES = env.int("SCRATCH_SPARE_BYTES", default=2**30)
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=15)
JOB_HEARTBEAT_SECONDS = env.float("JOB_HEARTBEAT_SECONDS", default=4)
JOB_BACKOFF_SECONDS = env.float("JOB_BACKOFF_SECONDS", default=10)
JOB_LOST_LIMIT = env.int("JOB_LOST_LIMIT", default=10)
MEZZANINE = env("MEZZANINE", default="prores")
if MEZZANINE not in ("prores", "dnxhr", "off"):
    raise ImproperlyConfigured(f"MEZZANINE is {MEZZANINE!r}: set it to 'prores', 'dnxhr' or 'off'.")

#: Which renders may be encoded by graphics hardware, where every worker has it.
VIDEO_HARDWARE_ENCODER = env("VIDEO_HARDWARE_ENCODER", default="drafts")
if VIDEO_HARDWARE_ENCODER not in ("off", "drafts", "all"):
    raise ImproperlyConfigured(
        f"VIDEO_HARDWARE_ENCODER is {VIDEO_HARDWARE_ENCODER!r}: set it to 'off', 'drafts' or 'all'."
    )

#: Renders of one tenant that may wait or run, and seconds without progress after which one is stopped.
VIDEO_RENDER_MAX_CONCURRENT_JOBS = env.int("VIDEO_RENDER_MAX_CONCURRENT_JOBS", default=4)
#: Tenants whose exports may go before those of others.
EXPORT_PRIORITY_TENANTS = env.list("EXPORT_PRIORITY_TENANTS", default=[])
VIDEO_RENDER_CHUNK_TIMEOUT = env.float("VIDEO_RENDER_CHUNK_TIMEOUT", default=90)

# What engines compute with. A model that is named here takes the place of the packaged one; a backend is one of its engine's.
STUDIO_ASR_MODEL_DIR = env("STUDIO_ASR_MODEL_DIR", default=env("AUDIO_SEMANTIC_WHISPER_MODEL", default=""))
STUDIO_AED_MODEL = env("STUDIO_AED_MODEL", default="")
STUDIO_DENOISE_MODEL = env("STUDIO_DENOISE_MODEL", default="")
STUDIO_FACE_MODEL = env("STUDIO_FACE_MODEL", default="")
VIDEO_REGION_BACKEND = env("VIDEO_REGION_BACKEND", default="")
VIDEO_REGIONS_MIN_CONFIDENCE = env.float("VIDEO_REGIONS_MIN_CONFIDENCE", default=0.2)
VIDEO_VISUAL_META_BACKEND = env("VIDEO_VISUAL_META_BACKEND", default="")
VIDEO_CAPTIONS_BACKEND = env("VIDEO_CAPTIONS_BACKEND", default="")
AUDIO_SEMANTIC_BACKEND = env("AUDIO_SEMANTIC_BACKEND", default="")
AUDIO_SEMANTIC_SEED = env.int("AUDIO_SEMANTIC_SEED", default=0)
AUDIO_VOICE_ENHANCE_BACKEND = env("AUDIO_VOICE_ENHANCE_BACKEND", default="")
AUDIO_BEATS_BACKEND = env("AUDIO_BEATS_BACKEND", default="")

# Finished sound, and its way to an audience.
#: Off: the request that asks for a production does its jobs itself, and answers when they are done.
MEDIA_JOBS_ENABLED = env.bool("MEDIA_JOBS_ENABLED", default=True)
MUSIC_PRESET = env("MUSIC_PRESET", default="dialogue_mix_v1")
PACKAGER = env("PACKAGER", default="hls")
if PACKAGER not in ("hls", "mediaconvert"):
    raise ImproperlyConfigured(f"PACKAGER is {PACKAGER!r}: set it to 'hls' or 'mediaconvert'.")
MEDIACONVERT_REGION = env("MEDIACONVERT_REGION", default="")
MEDIACONVERT_ROLE_ARN = env("MEDIACONVERT_ROLE_ARN", default="")
MEDIACONVERT_QUEUE_ARN = env("MEDIACONVERT_QUEUE_ARN", default="")
MEDIACONVERT_ENDPOINT_URL = env("MEDIACONVERT_ENDPOINT_URL", default="")
MEDIACONVERT_POLL_SECONDS = env.float("MEDIACONVERT_POLL_SECONDS", default=10)

# Where webhooks may go. A private network is named here by whoever runs Studio, never by its users.
OUTBOUND_NETWORKS = env.list("OUTBOUND_NETWORKS", default=[])
OUTBOUND_PORTS = env.list("OUTBOUND_PORTS", cast=int, default=[443])
OUTBOUND_PLAIN_HTTP = env.bool("OUTBOUND_PLAIN_HTTP", default=False)

# How often somebody may ask, by what for; docs/security.md. RATE_LIMITS=api=600/m,upload=off changes some of them.
RATE_LIMITS = {
    "api": "6000/m",
    "bad_token": "30/m",
    "sign_in": "10/m",
    "sign_in_address": "60/m",
    "sign_in_name": "100/h",
    "upload": "300/m",
    "work": "60/m",
    "export": "120/m",
    "webhook": "60/m",
    **env.dict("RATE_LIMITS", default={}),
}
for scope, limit in RATE_LIMITS.items():
    try:
        rates.parse(limit)
    except ValueError as error:
        raise ImproperlyConfigured(f"RATE_LIMITS, {scope}: {error}") from error
RATE_LIMIT_REDIS_URL = env("RATE_LIMIT_REDIS_URL", default=env("REDIS_URL", default=""))
#: How many proxies of ours are in front of the web server and add to X-Forwarded-For; 0: none. Not set: unknown, and requests
#: that name a proxy are limited by account alone.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=None)

REST_FRAMEWORK = {
    "DEFAULT_THROTTLE_CLASSES": ["sessions_app.web.limits.Throttle"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sessions_app.web.auth.TokenAuthentication",
        "sessions_app.web.auth.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["sessions_app.web.auth.InTenant"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sessions_app.web.parsing.JsonBody"],
    "DEFAULT_PAGINATION_CLASS": "sessions_app.web.paging.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "studio.api.answer_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # The default parameter name, "format", belongs to /edit?format=otio.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Studio",
    "DESCRIPTION": "Multi-camera ingest, audio sync, review and export.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SessionStatus": "sessions_app.models.RecordingSession.Status",
        "AssetStatus": "media_app.models.MediaAsset.Status",
        "JobStatus": "media_app.models.MediaJob.Status",
        "ProductionStatus": "render_app.models.Production.Status",
        "CutStyle": ["calm", "interview", "lively"],
        "FilmStatus": ["waiting", "working", "done", "left_out", "failed", "cancelled"],
        "VoiceMode": ["default", "podcast", "vlog", "phone_recording"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "render_app.api.bounds.describe",
        "studio.api.document_errors",
        "studio.reference.operations.describe",
    ],
}

# A bucket is the one other origin that a page may talk to.
BUCKET_ORIGINS = bucket_origins(STORAGE_BACKEND, S3_PUBLIC_ENDPOINT_URL or S3_ENDPOINT_URL, S3_BUCKET, S3_REGION)
if MEDIA_CDN_URL:
    BUCKET_ORIGINS.append("{0.scheme}://{0.netloc}".format(urlsplit(MEDIA_CDN_URL)))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *BUCKET_ORIGINS],
        "media-src": [SELF, "blob:", *BUCKET_ORIGINS],
        "connect-src": [SELF, *BUCKET_ORIGINS],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
#: What no page of Studio uses, and so nothing that got into one may use either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection",
        "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
SESSION_ENGINE = "sessions_app.web.browser"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if PUBLIC_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# What it says of itself: to people, or as one JSON object a line; and its figures, to whoever has the token.
LOG_FORMAT = env("LOG_FORMAT", default="human")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: set it to one of {', '.join(logs.FORMATS)}.")
METRICS_TOKEN = env("METRICS_TOKEN", default="")
SECRETS = [SECRET_KEY, S3_SECRET_ACCESS_KEY, METRICS_TOKEN]
LOGGING = logs.configuration(LOG_FORMAT, env("LOG_LEVEL", default="INFO"), SECRETS)
