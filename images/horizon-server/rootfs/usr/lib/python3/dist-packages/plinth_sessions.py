"""Sessions of Django in its cache, as django.contrib.sessions.backends.cache has them; while the cache takes none, in the user's cookie.

Without a cache that back end answers every page with error 500 ("Unable to create a new session key"). A session in a cookie goes to
the cache when that is back. The cookie is signed with SECRET_KEY. A browser takes 4096 bytes of it, which is a catalog of two regions.
"""
import io
import pickle

from django.contrib.sessions.backends import cache
from django.contrib.sessions.backends import signed_cookies

# What Horizon's session is made of: https://opendev.org/openstack/horizon/src/branch/master/openstack_auth/user.py.
KNOWN = {
    ("_codecs", "encode"),
    ("builtins", "object"),
    ("copyreg", "_reconstructor"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("openstack_auth.user", "Token"),
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a session")
        return super().find_class(module, name)


class Serializer:
    """pickle, as Horizon has it, but whoever knows SECRET_KEY cannot have code of theirs run."""

    def dumps(self, session):
        return pickle.dumps(session, pickle.HIGHEST_PROTOCOL)

    def loads(self, data):
        return Unpickler(io.BytesIO(data)).load()


class Cookie(signed_cookies.SessionStore):
    def __init__(self, session_key=None):
        super().__init__(session_key)
        if self.serializer.__name__ == "PickleSerializer":
            self.serializer = Serializer


def is_cookie(key):
    """A signature has colons; a key of the cache is letters and digits."""
    return key is not None and ":" in key


class SessionStore(cache.SessionStore):
    def is_cached(self):
        """Whether the cache takes something now. A cache that is away keeps nothing, and says nothing of it."""
        key = self.cache_key_prefix + "plinth"
        self._cache.set(key, 1, 60)
        return self._cache.get(key) == 1

    def load(self):
        return Cookie(self.session_key).load() if is_cookie(self.session_key) else super().load()

    def create(self):
        if self.is_cached():
            return super().create()
        self._session_key = None
        self.save()
        self.modified = True

    def save(self, must_create=False):
        if must_create or self.is_cached():
            if is_cookie(self._session_key):
                self._get_session()
                self._session_key = None
            return super().save(must_create)
        cookie = Cookie()
        cookie._session_cache = self._get_session(no_load=must_create)
        cookie.save()
        self._session_key = cookie.session_key

    def exists(self, session_key):
        return not is_cookie(session_key) and super().exists(session_key)

    def delete(self, session_key=None):
        if not is_cookie(session_key or self.session_key):
            super().delete(session_key)
