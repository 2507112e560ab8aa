"""Settings of Sphinx for `make site`: the pages that git knows as Markdown, as a site that loads nothing from elsewhere.

The navigation is docs/README.md: each of its headings is a topic, and each page that it links to belongs to the topic. A link or an
anchor that leads nowhere, and a page that no topic has, are warnings of Sphinx, and `--fail-on-warning` makes them errors.
"""

import html
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

project = "plinth"
html_title = "plinth"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**",
    "images/README.md",
    "model/README.md",
    "config-templates/options/README.md",
]
exclude_patterns = [".*", "build", "node_modules", "src", "test", "scripts"]

# Anchors are those that GitHub gives to headings.
myst_heading_anchors = 4
# A block that shows only a part of a file is not always valid for its language.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_additional_pages = {"index": "index.html"}
templates_path = ["templates"]

index = "docs/README"


def topics(text: str) -> list[tuple[str, list[str]]]:
    """The headings of docs/README.md, each with the pages that are linked below it, as paths below docs/."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    seen: set[str] = set()
    found = []
    for heading, part in zip(parts[::2], parts[1::2]):
        pages = [page for page in re.findall(r"\]\(([^)#:]+)\.md\)", part) if page not in seen]
        seen.update(pages)
        found.append((heading, pages))
    return found


def add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """Gives the front page the navigation of all topics, and the list of decisions that of the decisions."""
    if page == root_doc:
        text = Path(app.srcdir, f"{index}.md").read_text(encoding="utf8")
        for heading, pages in [("Documentation", ["README"]), *topics(text)]:
            entries = "\n".join(f"/docs/{entry}" for entry in pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{entries}\n```\n"
    if page == "docs/decisions/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"


def link_directories(app: Sphinx, doctree: nodes.document) -> None:
    """Leads links to a directory to its README, or to a list of its files, which the site then has, too."""
    root = Path(app.srcdir).resolve()
    page = app.env.current_document.docname
    for reference in list(doctree.findall(addnodes.pending_xref)):
        directory = Path(root, page).parent.joinpath(reference["reftarget"]).resolve()
        if not directory.is_dir() or not directory.is_relative_to(root):
            continue
        path = directory.relative_to(root).as_posix()
        if f"{path}/README" in app.env.found_docs:
            target = app.builder.get_relative_uri(page, f"{path}/README")
        else:
            target = app.builder.get_relative_uri(page, path).removesuffix(".html") + "/index.html"
            copy_directory(directory, Path(app.outdir, path))
        reference.replace_self(nodes.reference("", "", *reference.children, internal=True, refuri=target))


def copy_directory(directory: Path, copy: Path) -> None:
    """Copies the files of a directory into the site, with a page that lists them."""
    shutil.copytree(directory, copy, dirs_exist_ok=True)
    names = sorted(file.relative_to(directory).as_posix() for file in directory.rglob("*") if file.is_file())
    items = "\n".join(f'<li><a href="{html.escape(name)}">{html.escape(name)}</a></li>' for name in names)
    title = html.escape(directory.name)
    page = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n<h1>{title}</h1>\n<ul>\n{items}\n</ul></html>\n'
    Path(copy, "index.html").write_text(page, encoding="utf8")


def setup(app: Sphinx) -> None:
    app.connect("source-read", add_navigation)
    app.connect("doctree-read", link_directories)
