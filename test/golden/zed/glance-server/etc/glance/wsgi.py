# Written by plinth at start; changes are lost. Serves the API that PLINTH_WSGI names, a module or a script, but to nobody who is gone.
import importlib
import os
import runpy
import select

import uwsgi

name = os.environ["PLINTH_WSGI"]
api = runpy.run_path(name)["application"] if "/" in name else importlib.import_module(name).application

def application(environ, start_response):
connection = select.poll()
connection.register(uwsgi.connection_fd(), select.POLLRDHUP)
if connection.poll(0):
start_response("499 Client Closed Request", [])
return []
return api(environ, start_response)
