# SPDX-License-Identifier: MIT
"""A page as a tree, its tables as lists. Needs Python's standard library only."""
import html.parser

EMPTY = {"meta", "img"}


class Element:
    def __init__(self, name, attributes):
        self.name, self.attributes, self.children = name, dict(attributes), []

    def all(self, name, /, **attributes):
        """Every `name` in here with these attributes, in order; class_ stands for class."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child.name == name and all(child.attributes.get(k.strip("_")) == v for k, v in attributes.items()):
                    found.append(child)
                found += child.all(name, **attributes)
        return found

    def text(self):
        parts = [c if isinstance(c, str) else c.text() for c in self.children]
        return "".join(parts).replace("\u00a0", " ")


class Page(html.parser.HTMLParser):
    """A tree of a page whose every element ends where it should."""
    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.open = [Element("", {})]
        self.feed(self.source)
        self.close()
        if len(self.open) != 1:
            raise AssertionError(f"{path}: <{self.open[-1].name}> does not end")
        self.tree = self.open[0]

    def handle_starttag(self, name, attributes):
        element = Element(name, attributes)
        self.open[-1].children.append(element)
        if name not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, name):
        if self.open[-1].name != name:
            raise AssertionError(f"</{name}> where <{self.open[-1].name}> should end")
        self.open.pop()

    def handle_startendtag(self, name, attributes):
        self.open[-1].children.append(Element(name, attributes))

    def handle_data(self, text):
        self.open[-1].children.append(text)

    def figures(self):
        """{"Accuracy": 0.25, ...}, with all digits."""
        box, = self.tree.all("dl", class_="figures")
        return {d.all("dt")[0].text(): float(d.all("data")[0].attributes["value"]) for d in box.all("div")}

    def table(self, caption):
        """Its rows as lists of texts: the one table whose caption begins like this."""
        found, = [t for t in self.tree.all("table") if t.all("caption")[0].text().startswith(caption)]
        return [[c.text() for c in row.children] for row in found.all("tr")]

    def facts(self):
        box = [d for d in self.tree.all("dl", class_="facts")]
        return {t.text(): d.text() for b in box for t, d in zip(b.all("dt"), b.all("dd"))}
