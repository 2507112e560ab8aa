"""Lets `cinder.opts` and the like be imported where the clients of other clouds are not installed.

Drivers import these at their top; no service depends on them, they are large, and they have no options. Where one is not there, whatever is
asked of it is there.
"""
import importlib.abc
import importlib.machinery
import sys
from unittest import mock

CLIENTS = ("boto3", "botocore", "google", "googleapiclient", "oauth2client")


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in CLIENTS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return mock.MagicMock(name=spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(Absent())
