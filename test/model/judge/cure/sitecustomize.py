"""Lets reclass 1.7.0 run on a Python that has no collections.Iterable (3.10 and later): its directory goes on PYTHONPATH."""
import collections
import collections.abc

collections.Iterable = collections.abc.Iterable
