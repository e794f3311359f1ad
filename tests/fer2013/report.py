#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the report.html that fer2013 leaves: report.py PATH_OF_FER2013. Needs Python's standard library only. Where
there is a chromium, the page is also looked at in it; screenshots go to the folder FERLAB_SCREENSHOTS, if it is set."""
import base64
import json
import os
import pathlib
import shutil
import struct
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from browser import CONTRAST, Browser, png_lines
from page import Page
from support import FOLDER, Case, rows, run

MODEL = "trained/best.safetensors"
TRAIN = ["train", "--data", "faces.csv", "--epochs", "3", "--batch-size", "16", "--seed", "7", "--threads", "2",
         "--quiet", "--json", "--output", "trained"]
HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "a & b", "'", "</td></table>", "é😀",
           "x" * 60]
HOSTILE_MODEL = "<b onclick='x'>&\".safetensors"


def setUpModule():
    made = run("faces", "--faces", 200, "--seed", 3, "--output", "faces.csv")
    assert made.returncode == 0, made.stderr
    trained = run(*TRAIN)
    assert trained.returncode == 0, trained.stderr
    (FOLDER / "trained.json").write_text(trained.stdout)


class ReportCase(Case):
    def evaluate(self, output, *words, model=MODEL, data="faces.csv"):
        done = self.succeeds("evaluate", "--data", data, "--model", model, "--json", "--output", output, *words)
        return json.loads(done.stdout), self.page(output)

    def evaluate_hostile(self, output):
        """With a model whose class names and path are HTML, and a path that is not UTF-8."""
        whole = (FOLDER / MODEL).read_bytes()
        length, = struct.unpack("<Q", whole[:8])
        header = json.loads(whole[8:8 + length])
        header["__metadata__"]["class_names"] = json.dumps(HOSTILE, ensure_ascii=False)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        data = os.fsdecode(b"<i>\xff.csv")
        (FOLDER / HOSTILE_MODEL).write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + length:])
        shutil.copy(FOLDER / "faces.csv", FOLDER / data)
        return self.evaluate(output, model=HOSTILE_MODEL, data=data)

    def page(self, folder):
        """Holds what is true of every page."""
        page = Page(FOLDER / folder / "report.html")
        without_names = page.source.replace('xmlns="http://www.w3.org/2000/svg"', "")
        for forbidden in ("http://", "https://", "<script", "<link", "<iframe", "@import", "url("):
            self.assertNotIn(forbidden, without_names)
        root, = page.tree.all("html")
        self.assertEqual(root.attributes["lang"], "en")
        self.assertIn("width=device-width", page.tree.all("meta", name="viewport")[0].attributes["content"])
        self.assertEqual(len(page.tree.all("h1")), 1)
        for table in page.tree.all("table"):
            self.assertEqual(len(table.all("caption")), 1)
            self.assertTrue(all(cell.attributes.get("scope") in ("row", "col") for cell in table.all("th")))
            self.assertEqual(len({len(row.children) for row in table.all("tr")}), 1, "rows of one length")
        for image in page.tree.all("img"):
            self.assertTrue(image.attributes["alt"])
            self.check_png(image.attributes["src"])
        for part in page.source.split("<svg")[1:]:
            picture = xml.etree.ElementTree.fromstring("<svg" + part.partition("</svg>")[0] + "</svg>")
            name = "{http://www.w3.org/2000/svg}"
            self.assertEqual(picture.get("role"), "img")
            parts = [picture.find(name + "title"), picture.find(name + "desc")]
            self.assertEqual(picture.get("aria-labelledby").split(), [p.get("id") for p in parts])
            self.assertTrue(all(p.text for p in parts))
        names = [e.attributes["id"] for kind in ("h2", "title", "desc") for e in page.tree.all(kind) if "id" in e.attributes]
        self.assertEqual(len(names), len(set(names)))
        self.assertFalse(list((FOLDER / folder).glob("report.html.tmp*")))
        return page

    def check_png(self, url):
        start = "data:image/png;base64,"
        self.assertTrue(url.startswith(start))
        data = base64.b64decode(url[len(start):], validate=True)
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", data[16:24]), (48, 48))

    def check_numbers(self, page, result):
        figures = page.figures()
        for name, key in (("Accuracy", "accuracy"), ("Loss", "loss"), ("Macro F1", "macro_f1"), ("Images", "images")):
            self.assertEqual(figures[name], result[key], name)
        lead = page.tree.all("p", class_="lead")[0].text()
        self.assertIn(f"{100 * result['accuracy']:.2f} % of {result['images']} images right", lead)
        names, matrix = result["class_names"], result["confusion_matrix"]
        shown = page.table("Confusion matrix")
        self.assertEqual(shown[0], ["", *names])
        for row, name, counts in zip(shown[1:], names, matrix, strict=True):
            shares = [f"{n}{100 * n / sum(counts):.0f} %" if n else "0" for n in counts]
            self.assertEqual(row, [name, *shares])
        head, *lines, foot = page.table("Precision")
        self.assertEqual(head, ["Class", "Precision", "Recall", "F1", "Images"])
        for i, (line, name) in enumerate(zip(lines, names, strict=True)):
            support, predicted = sum(matrix[i]), sum(row[i] for row in matrix)
            p, r = result["precision"][i], result["recall"][i]
            expected = [(predicted, p), (support, r), (support + predicted, 2 * p * r / (p + r) if p + r else 0)]
            self.assertEqual(line, [name, *[f"{100 * v:.1f} %" if n else "–" for n, v in expected], str(support)])
        self.assertEqual(foot[3:], [f"{100 * result['macro_f1']:.1f} %", str(result["images"])])


class Training(ReportCase):
    def test_numbers_are_those_of_the_evaluation(self):
        page, trained = self.page("trained"), json.loads((FOLDER / "trained.json").read_text())
        result, evaluated = self.evaluate("public", "--usage", "PublicTest")
        self.check_numbers(page, result)
        self.check_numbers(evaluated, result)
        self.assertEqual(page.figures(), evaluated.figures())
        self.assertEqual(page.table("By confidence"), evaluated.table("By confidence"))
        self.assertEqual(page.figures()["Accuracy"], trained["accuracy"])

    def test_curves_are_the_history(self):
        trained = json.loads((FOLDER / "trained.json").read_text())
        page = self.page("trained")
        _, *lines = page.table("Epoch by epoch")
        best = max(range(3), key=lambda i: (trained["history"][i]["val_accuracy"], -i))
        for i, (line, epoch) in enumerate(zip(lines, trained["history"], strict=True)):
            self.assertEqual(line, [f"{i + 1}{' (kept)' if i == best else ''}", f"{epoch['loss']:.4f}",
                                    f"{epoch['val_loss']:.4f}", f"{100 * epoch['accuracy']:.2f} %",
                                    f"{100 * epoch['val_accuracy']:.2f} %", f"{epoch['learning_rate']:.3g}"])
        self.assertIn(f"It is that of epoch {best + 1} of 3, which has the highest accuracy on the validation rows.",
                      page.tree.all("p", class_="lead")[0].text())
        self.assertEqual(page.source.count("<polyline"), 5)

    def test_after_a_resume_all_epochs_are_there(self):
        before = self.page("trained")
        (FOLDER / "trained/report.html").unlink()
        self.succeeds(*TRAIN, "--resume")  # all is done: what is left to do is the report
        after = self.page("trained")
        self.assertEqual(after.table("Epoch by epoch"), before.table("Epoch by epoch"))
        self.assertEqual(after.figures(), before.figures())

    def test_settings_and_net(self):
        page = self.page("trained")
        facts = page.facts()
        for name, value in (("Batch size", "16"), ("Seed", "7"), ("Device", "CPU, 2 threads"), ("From", "faces.csv"),
                            ("Validation", "20 rows (PublicTest)"), ("Test", "20 rows, not looked at")):
            self.assertEqual(facts[name], value)
        self.assertEqual(facts["ferlab"], run("--version").stdout.strip())
        summary = run("summary", "--net", "compact").stdout.splitlines()
        layers = page.table("The compact net")[1:]
        for (name, _, parameters), line in zip(layers[:-1], summary[3:]):
            self.assertEqual([name, parameters or "0"], [line.split()[0], line.split()[-1]])
        self.assertIn("Total parameters: " + layers[-1][2], "\n".join(summary))

    def test_one_epoch_of_the_tutorial(self):
        (FOLDER / "few.csv").write_text("\n".join(["emotion,pixels,Usage", *rows()[:60], ""]))
        self.succeeds("train", "--tutorial", "--data", "few.csv", "--epochs", 1, "--output", "tutorial", "--quiet")
        page = self.page("tutorial")
        self.assertIn("test split of few.csv", page.tree.all("p", class_="lead")[0].text())
        self.assertEqual(page.source.count("<polyline"), 0)
        self.assertIn("lowest loss", page.source)


class Evaluation(ReportCase):
    def test_calibration(self):
        result, page = self.evaluate("calibration")
        bins = page.table("By confidence")[1:]
        self.assertEqual(sum(int(b[1]) for b in bins), result["images"])
        error = sum(int(b[1]) * abs(float(b[2][:-2]) - float(b[3][:-2])) for b in bins if b[1] != "0")
        self.assertAlmostEqual(error / result["images"] / 100, page.figures()["Calibration error"], delta=0.001)

    def test_hostile_names(self):
        result, page = self.evaluate_hostile("hostile")
        self.assertEqual(result["class_names"], HOSTILE)
        self.check_numbers(page, result)
        self.assertEqual(page.facts()["Model"], HOSTILE_MODEL)
        self.assertEqual(page.facts()["From"], "<i>\ufffd.csv")
        for kind in ("script", "i"):
            self.assertEqual(page.tree.all(kind), [])
        for image in page.tree.all("img"):
            self.assertEqual(set(image.attributes), {"src", "width", "height", "alt"})

    def test_a_class_without_rows(self):
        (FOLDER / "two.csv").write_text("\n".join(["emotion,pixels,Usage", *[r for r in rows() if r[0] == "3"][:2], ""]))
        result, page = self.evaluate("two", data="two.csv")
        self.check_numbers(page, result)
        for line in page.table("Precision")[1:-1]:
            if line[0] != result["class_names"][3]:
                self.assertEqual((line[2], line[4]), ("–", "0"))

    def test_no_mistakes(self):
        classes = json.loads(self.succeeds("evaluate", "--data", "faces.csv", "--model", MODEL, "--json").stdout)["class_names"]
        said = self.succeeds("predict", "--data", "faces.csv", "--model", MODEL, "--json").stdout.splitlines()
        right = [f"{classes.index(json.loads(line)['label'])},{row.split(',')[1]}" for line, row in zip(said, rows())]
        (FOLDER / "right.csv").write_text("\n".join(["emotion,pixels", *right, ""]))
        result, page = self.evaluate("right", data="right.csv")
        self.assertEqual(result["accuracy"], 1)
        self.assertIn("There are none: all images are right.", page.source)
        self.assertEqual(page.tree.all("img"), [])

    def test_mistakes_are_the_most_confident(self):
        said = [json.loads(line) for line in
                self.succeeds("predict", "--data", "faces.csv", "--model", MODEL, "--json").stdout.splitlines()]
        result, page = self.evaluate("mistakes")
        classes = result["class_names"]
        wrong = [(s["probabilities"][s["label"]], f"{classes[int(row[0])]} → {s['label']}")
                 for s, row in zip(said, rows(), strict=True) if classes[int(row[0])] != s["label"]]
        wrong.sort(key=lambda w: -w[0])
        shown = page.tree.all("figure")
        self.assertEqual(len(shown), min(24, len(wrong)))
        for figure, (probability, _) in zip(shown, wrong):
            caption = figure.all("figcaption")[0].text()
            self.assertIn(f", {100 * probability:.1f} %", caption)
            self.assertRegex(caption, r"%line \d+$")
        first = shown[0].all("figcaption")[0].text()
        self.assertTrue(first.startswith(wrong[0][1]), first)

    def test_nothing_half_written(self):
        (FOLDER / "blocked/report.html").mkdir(parents=True)
        self.fails("blocked/report.html: what is there is not a regular file", "evaluate", "--data", "faces.csv", "--model",
                   MODEL, "--output", "blocked")


@unittest.skipUnless(shutil.which("chromium"), "there is no chromium")
class Looks(ReportCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(shutil.which("chromium"))
        cls.folder = pathlib.Path(os.environ.get("FERLAB_SCREENSHOTS", FOLDER / "screenshots"))
        cls.folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def look(self, page, name, width, **how):
        """Nothing wider than the screen, every text legible, and a picture that is not blank."""
        self.browser.open((FOLDER / page / "report.html").as_uri(), width, **how)
        self.assertEqual(self.browser.value("document.documentElement.scrollWidth"), width, name)
        contrast, words = self.browser.value(CONTRAST)
        self.assertGreaterEqual(contrast, 4.5, f"{name}: {words!r}")
        picture = self.browser.screenshot()
        (self.folder / f"{name}.png").write_bytes(picture)
        lines = png_lines(picture)
        self.assertGreater(len(set(lines)), 500, name)
        self.assertEqual(max(lines[0][1:4]) < 64, how.get("dark", False), f"{name}: {lines[0][:8]}")

    def test_training(self):
        self.look("trained", "desktop", 1200)
        self.look("trained", "dark", 1200, dark=True)
        self.look("trained", "phone", 390, phone=True)
        self.look("trained", "phone-dark", 360, phone=True, dark=True)

    def test_hostile_names(self):
        self.evaluate_hostile("wide")
        self.look("wide", "hostile", 1200)
        self.look("wide", "hostile-phone", 360, phone=True)

    def test_print(self):
        self.browser.open((FOLDER / "trained/report.html").as_uri(), 1200, dark=True)
        pdf = self.browser.pdf()
        (self.folder / "print.pdf").write_bytes(pdf)
        self.assertTrue(pdf.startswith(b"%PDF"))


if __name__ == "__main__":
    if not shutil.which("chromium"):
        print("SKIPPED: looking at the page, for there is no chromium")
    unittest.main()
