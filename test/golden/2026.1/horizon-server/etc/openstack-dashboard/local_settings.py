# Written by plinth at start; changes are lost.
import os

DEBUG = False
WEBROOT = "/"
LOCAL_PATH = os.path.dirname(os.path.abspath(__file__))
STATIC_ROOT = "/var/lib/openstack-dashboard/static/"
# Collected and compressed when the image was built, under the same WEBROOT and themes.
COMPRESS_OFFLINE = True

SECRET_KEY = "dashboard-$3cret'\\\""
# The health check calls by the address that is listened on, or by the machine's own.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]

SESSION_ENGINE = "plinth_sessions"

CACHES = {"default": {
"KEY_PREFIX": "2026.1",
"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
"LOCATION": ["memcached-server:11211"],

"OPTIONS": {"connect_timeout": 1, "timeout": 1, "retry_attempts": 0, "dead_timeout": 2, "ignore_exc": True},
}, "sessions": {
"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
"LOCATION": ["memcached-server:11211"],

"OPTIONS": {"connect_timeout": 1, "timeout": 1, "retry_attempts": 0, "dead_timeout": 2, "ignore_exc": True},
}}
SESSION_CACHE_ALIAS = "sessions"

OPENSTACK_HOST = "keystone-server"
OPENSTACK_KEYSTONE_URL = "http://keystone-server:5000/v3"
OPENSTACK_API_VERSIONS = {"identity": 3, "volume": 3}
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = False
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = "Default"
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"
OPENSTACK_ENDPOINT_TYPE = "internalURL"
DEFAULT_SERVICE_REGIONS = {"*": "RegionOne"}
TIME_ZONE = "UTC"

LOGGING = {
"version": 1,
"disable_existing_loggers": False,
"formatters": {"console": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
"handlers": {"console": {"class": "logging.StreamHandler", "formatter": "console"}},
"root": {"handlers": ["console"], "level": "INFO"},
"loggers": {
"django.db.backends": {"level": "INFO"},
},
}
