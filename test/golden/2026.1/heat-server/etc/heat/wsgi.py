# Written by plinth at start; changes are lost. Serves the API that PLINTH_WSGI names, a module or a script, but to nobody who
# is gone, and ends after the requests that run.
import _thread
import gc
import importlib
import os
import runpy
import select
import signal
import socket

# APIs with eventlet replace sleep.
from time import monotonic, sleep

import uwsgi

INTERNET = {socket.AF_INET, socket.AF_INET6}
# uWSGI asks its workers to end by it.
HANGUP = {signal.SIGHUP}
# What uWSGI's own handler exits with (UWSGI_RELOAD_CODE).
ENDED = 17

# A token with its catalog is 5 to 10 KB.
MOST_TOKENS = 2000


class TokenCache:
    """What keystone said of tokens: keystonemiddleware keeps it here, by [keystone_authtoken] cache."""

    def __init__(self):
        self.lock = _thread.allocate_lock()
        self.entries = {}

    def get(self, key):
        with self.lock:
            ends, value = self.entries.get(key, (0, None))
        return value if ends > monotonic() else None

    def set(self, key, value, time=0):
        with self.lock:
            self.entries.pop(key, None)
            self.entries[key] = (monotonic() + time, value)
            # All are kept for the same time, so the first to come is the first to end.
            while len(self.entries) > MOST_TOKENS:
                del self.entries[next(iter(self.entries))]


tokens = TokenCache()

silent = socket.socket(socket.AF_UNIX)
silent.bind("")
silent.listen()
is_loaded = False


def listening():
    for name in os.listdir("/proc/self/fd"):
        try:
            copy = socket.socket(fileno=os.dup(int(name)))
            if copy.family in INTERNET and copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                yield int(name), copy
        except OSError:
            continue  # No socket, or no longer there.


def refuse_clients():
    """Whoever connects from now on is refused at once, so that a load balancer asks the next server."""
    for number, listener in list(listening()):
        # The thread whose turn it is to accept waits here, and the others for it. From a socket that is shut down it would get one
        # error after the other, with a whole processor.
        os.dup2(silent.fileno(), number)
        try:
            listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # Another worker was faster: the socket is the same.


def is_busy():
    return uwsgi.workers()[uwsgi.worker_id() - 1]["status"] == b"busy"


def end():
    signal.sigwait(HANGUP)
    try:
        if is_loaded:
            refuse_clients()
            # Whoever was accepted just before is counted by now.
            sleep(0.1)
            while is_busy():
                sleep(0.02)
    finally:
        os._exit(ENDED)


# uWSGI's own handler of the signal cancels the threads from inside of whatever the main thread does at that moment. If that creates
# threads, or waits for Python's lock, then all wait for each other until the container is killed, or the
# worker crashes (gdb's backtraces; of new servers under load it was one stop in seventy). So only this thread takes the signal.
signal.pthread_sigmask(signal.SIG_BLOCK, HANGUP)
_thread.start_new_thread(end, ())

# The collector would look through the modules again and again while they are loaded, a seventh of the time, and then at each
# full collection. None of them is ever garbage.
name = os.environ["PLINTH_WSGI"]
gc.disable()
api = runpy.run_path(name)["application"] if "/" in name else importlib.import_module(name).application
gc.freeze()
gc.enable()
is_loaded = True


# A service that was paused, or waited for a database that was, has up to a hundred requests before it when it goes on (uWSGI's
# `listen`), and of most the client has given up. uWSGI works on them all the same: keystone takes a third of a second for each
# login, so the first client that still waits is served after half a minute.
def is_gone():
    """Whether the client has closed its connection, or its sending half."""
    closed = select.poll()
    closed.register(uwsgi.connection_fd(), select.POLLRDHUP)
    return closed.poll(0) != []


def application(environ, start_response):
    if is_gone():
        start_response("499 Client Closed Request", [])
        return []
    environ["plinth.tokens"] = tokens
    return api(environ, start_response)
