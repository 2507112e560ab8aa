"""Reads a report, which is HTML that is XML, too: what an XML parser makes of it."""
import json
import sys
import xml.etree.ElementTree as ElementTree

root = ElementTree.fromstring(json.load(sys.stdin))
elements = [element.tag.split("}")[-1] for element in root.iter()]
attributes = sorted({name.split("}")[-1] for element in root.iter() for name in element.attrib})
links = [value for element in root.iter() for name, value in element.attrib.items() if name.split("}")[-1] in ("href", "src")]
json.dump({"elements": elements, "attributes": attributes, "links": links, "text": "".join(root.itertext())}, sys.stdout)
