# Written by plinth at start; changes are lost.
import os

DEBUG = False
WEBROOT = "/"
LOCAL_PATH = os.path.dirname(os.path.abspath(__file__))
{% if has.dashboard_package %}
STATIC_ROOT = "/var/lib/openstack-dashboard/static/"
{% endif %}
# Collected and compressed when the image was built, under the same WEBROOT and themes.
COMPRESS_OFFLINE = True

SECRET_KEY = {{ settings.secret_key }}
# The health check calls by the address that is listened on, or by the machine's own.
ALLOWED_HOSTS = {{ allowedHosts(settings.allowed_hosts, "127.0.0.1", "::1", settings.bind.address) }}
{% if settings.secure %}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
{% endif %}

{% macro cacheServers() %}
{% if has.pymemcache %}
"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
"LOCATION": {{ servers(settings.cache.members) }},
{# As in shared/cache.conf; and without a server there is nothing in the cache, which is not an error. #}
"OPTIONS": {"connect_timeout": 1, "timeout": 1, "retry_attempts": 0, "dead_timeout": 2, "ignore_exc": True},
{% else %}
"BACKEND": "django.core.cache.backends.memcached.MemcachedCache",
"LOCATION": {{ memcachedServers(settings.cache.members) }},
{% endif %}
{% endmacro %}
{% if settings.cache is not none %}
{# plinth_sessions: images/horizon-server. Without memcached users can log in. #}
SESSION_ENGINE = {{ "plinth_sessions" if has.dashboard_package else "django.contrib.sessions.backends.cache" }}
{# What a page consists of is another thing in each release, and two of them share the cache while one is replaced by the other: the new
   one's pages then ask for scripts that it has not got (compressor.exceptions.OfflineGenerationError). Sessions are the same in both. #}
CACHES = {"default": {
"KEY_PREFIX": {{ release }},
{{ cacheServers() }}
}, "sessions": {
{{ cacheServers() }}
}}
SESSION_CACHE_ALIAS = "sessions"
{% else %}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
{% endif %}

OPENSTACK_HOST = {{ settings.identity.host }}
{% if settings.identity.api_version == "3" %}
OPENSTACK_KEYSTONE_URL = {{ httpUrl(settings.identity.protocol, settings.identity.host, settings.identity.port, "/v3") }}
OPENSTACK_API_VERSIONS = {"identity": 3, "volume": {{ 3 if has.volume_v3 else 2 }}}
{% else %}
OPENSTACK_KEYSTONE_URL = {{ httpUrl(settings.identity.protocol, settings.identity.host, settings.identity.port, "/v2.0") }}
OPENSTACK_API_VERSIONS = {"identity": 2.0, "volume": {{ 3 if has.volume_v3 else 2 }}}
{% endif %}
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = {{ settings.multidomain }}
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = {{ settings.identity.domain }}
OPENSTACK_KEYSTONE_DEFAULT_ROLE = {{ settings.identity.default_role }}
OPENSTACK_ENDPOINT_TYPE = {{ settings.identity.endpoint_type }}
DEFAULT_SERVICE_REGIONS = {"*": {{ settings.identity.region }}}
TIME_ZONE = {{ settings.time_zone }}

LOGGING = {
"version": 1,
"disable_existing_loggers": False,
"formatters": {"console": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
"handlers": {"console": {"class": "logging.StreamHandler", "formatter": "console"}},
"root": {"handlers": ["console"], "level": "INFO"},
"loggers": {
"django.db.backends": {"level": "INFO"},
{% if settings.logging.debug %}
"horizon": {"level": "DEBUG"},
"openstack_dashboard": {"level": "DEBUG"},
"openstack_auth": {"level": "DEBUG"},
"keystoneauth": {"level": "DEBUG"},
{% endif %}
},
}
