"""Reads an SVG as XML: its texts, the names of its elements, and how many of them refer to something elsewhere."""

import json
import sys
import xml.etree.ElementTree as ElementTree

root = ElementTree.fromstring(json.load(sys.stdin))
elements = list(root.iter())
print(
    json.dumps(
        {
            "texts": ["".join(element.itertext()) for element in elements if element.tag.endswith("}text")],
            "elements": [element.tag.split("}")[-1] for element in elements],
            "links": sum(name.endswith("href") or name.startswith("on") for element in elements for name in element.attrib),
        }
    )
)
