"""Reads whole files with libvirt's own parser (src/util/virconf.c): texts in, for each a list of [place, value] out."""
import ctypes
import json
import sys

libvirt = ctypes.CDLL("libvirt.so.0")
libvirt.virInitialize()
libvirt.virConfReadString.restype = ctypes.c_void_p


class Value(ctypes.Structure):
    pass


Value._fields_ = [("type", ctypes.c_int), ("next", ctypes.POINTER(Value)), ("number", ctypes.c_longlong),
                  ("text", ctypes.c_char_p), ("items", ctypes.POINTER(Value))]
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(Value), ctypes.c_void_p)
TEXT = 3


def read(text):
    conf = libvirt.virConfReadString(text.encode(), 0)
    if not conf:
        return {"error": "libvirt refuses it"}
    found = []

    def visit(name, value, _):
        one = value.contents
        shown = one.text.decode() if one.type == TEXT else "%d %d" % (one.type, one.number)
        found.append([name.decode(), shown])
        return 0

    libvirt.virConfWalk(ctypes.c_void_p(conf), Callback(visit), None)
    libvirt.virConfFree(ctypes.c_void_p(conf))
    return sorted(found)


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
