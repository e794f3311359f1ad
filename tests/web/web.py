#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the page of examples/web and tries it: web.py PATH_OF_WEB_SAMPLES. Needs em++ (else it is skipped) and Python's
standard library. node compares the network with this machine's; where there is a chromium, the page is used in it, with a
stand-in for the camera. Screenshots go to the folder FERLAB_SCREENSHOTS, if it is set."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from browser import CONTRAST, Browser  # noqa: E402

PAGE, WEIGHTS = ROOT / "build/web", ROOT / "build/web-parts/weights.safetensors"
MOST_BYTES = 400_000  # of what the page loads
PROBABILITIES = "[...document.querySelectorAll('#bars data')].map(d => Number(d.value))"


def setUpModule():
    global FOLDER, SAMPLES
    subprocess.run([ROOT / "scripts/web"], check=True, stdin=subprocess.DEVNULL)
    made = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(made.cleanup)
    FOLDER = pathlib.Path(made.name)
    subprocess.run([PROGRAM, WEIGHTS, FOLDER], check=True)
    SAMPLES = json.loads((FOLDER / "samples.json").read_text())


def label(probabilities):
    return SAMPLES["names"][probabilities.index(max(probabilities))]


def difference(some, others):
    assert len(some) == len(others) == 7, (some, others)
    return max(abs(a - b) for a, b in zip(some, others))


class Samples(unittest.TestCase):
    def test_they_show_much(self):
        self.assertEqual(len(SAMPLES["faces"]), 12)
        self.assertGreaterEqual(len({label(face["probabilities"]) for face in SAMPLES["faces"]}), 6)


class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.copytree(PAGE, FOLDER / "node")
        shutil.copy(ROOT / "tests/web/predict.js", FOLDER / "node")
        (FOLDER / "node/package.json").write_text('{"type": "module"}')
        said = subprocess.run(["node", FOLDER / "node/predict.js", FOLDER], check=True, stdout=subprocess.PIPE).stdout
        cls.answers = json.loads(said)

    def test_names(self):
        self.assertEqual(self.answers["names"], SAMPLES["names"])

    def test_predicts_as_this_machine(self):
        for face, found in zip(SAMPLES["faces"], self.answers["faces"], strict=True):
            self.assertLess(difference(found, face["probabilities"]), 1e-4, face["seed"])

    def test_a_face_of_the_right_size_is_seen_as_it_is(self):
        self.assertEqual(self.answers["seen"], [face["pixels"] for face in SAMPLES["faces"]])

    def test_makes_grey_and_smaller_as_this_machine(self):
        self.assertLess(difference(self.answers["picture"], SAMPLES["picture"]["probabilities"]), 1e-4)

    def test_draws_as_this_machine(self):  # a fused multiply and add may change a grey by one
        for face, drawn in zip(SAMPLES["faces"], self.answers["drawn"], strict=True):
            self.assertLessEqual(max(abs(a - b) for a, b in zip(face["pixels"], drawn, strict=True)), 1, face["seed"])

    def test_refuses_what_is_no_model_file(self):
        cut, empty = self.answers["refused"]
        self.assertIn("the weights: not a safetensors file, or cut short", cut)
        self.assertIn("the weights: not a safetensors file: it has 0 bytes", empty)


@unittest.skipUnless(shutil.which("chromium"), "there is no chromium")
class Chromium(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        cls.address = f"http://127.0.0.1:{port}/"
        server = subprocess.Popen([ROOT / "scripts/web", "--serve", str(port)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        cls.wait_for(lambda: cls.serves(), "the server")
        cls.browser = Browser(shutil.which("chromium"), "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                              f"--use-file-for-fake-video-capture={FOLDER / 'faces.y4m'}")
        cls.addClassCleanup(cls.browser.close)
        cls.browser.ask("Runtime.enable")
        cls.browser.ask("Log.enable")

    @classmethod
    def serves(cls):
        try:
            return urllib.request.urlopen(cls.address, timeout=10).status == 200
        except OSError:
            return False

    @staticmethod
    def wait_for(condition, what):
        until = time.monotonic() + 30
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f"waited in vain for {what}")
            time.sleep(0.05)

    def setUp(self):
        self.open()

    def tearDown(self):
        self.assertNotIn("Runtime.exceptionThrown", self.browser.events)
        self.assertNotIn("Log.entryAdded", self.browser.events)  # a file that is not there, something the policy forbids

    def open(self, width=1100, **how):
        self.browser.open(self.address, width, **how)
        self.wait_for(lambda: self.value("!document.getElementById('draw').disabled"), "the network")

    def value(self, javascript):
        return self.browser.value(javascript)

    def text(self, name):
        return self.value(f"document.getElementById('{name}').textContent")

    def click(self, name):
        self.browser.ask("Runtime.evaluate", expression=f"document.getElementById('{name}').click()", userGesture=True)

    def frame(self):
        return self.value("import('./page.js').then(({ frame }) => [frame.x, frame.y, frame.size])")

    def put_frame(self, face):
        self.value(f"import('./page.js').then(({{ frame }}) => frame.put({face['x']}, {face['y']}, {face['size']}))")

    def keep_screenshot(self, name):
        if folder := os.environ.get("FERLAB_SCREENSHOTS"):
            os.makedirs(folder, exist_ok=True)
            (pathlib.Path(folder) / f"{name}.png").write_bytes(self.browser.screenshot())

    def start_camera(self):
        self.click("camera")
        # The stand-in's first frames are black.
        self.wait_for(lambda: self.text("rate") != "–", "the camera")

    def sees(self, probabilities, within):
        """The bars show these, and the line above them the largest."""
        near = lambda: difference(self.value(PROBABILITIES), probabilities) < within  # noqa: E731
        self.wait_for(near, f"{probabilities}; the last were {self.value(PROBABILITIES)}")
        self.assertEqual(self.text("result").split(",")[0], label(probabilities))

    def test_camera(self):
        self.start_camera()
        self.assertEqual(self.value("[document.getElementById('picture').width, document.getElementById('picture').height]"),
                         [640, 480])
        for face in SAMPLES["faces"]:
            self.put_frame(face)
            self.sees(face["probabilities"], within=0.05)  # the way through a video changes greys by a level or two
        self.keep_screenshot("camera")
        self.click("camera")
        self.wait_for(lambda: self.text("camera") == "Use the camera", "the camera's end")
        self.assertEqual(self.text("rate"), "–")

    def test_drawn_faces(self):
        first = self.value(PROBABILITIES)
        self.assertAlmostEqual(sum(first), 1, places=4)
        self.assertIn("A drawn face", self.text("status"))
        self.click("draw")
        self.assertGreater(difference(self.value(PROBABILITIES), first), 0)
        self.keep_screenshot("drawn")

    def choose(self, path):
        node = self.browser.ask("DOM.querySelector", selector="#file",
                                nodeId=self.browser.ask("DOM.getDocument")["root"]["nodeId"])["nodeId"]
        self.browser.ask("DOM.setFileInputFiles", files=[str(path)], nodeId=node)

    def test_picture(self):
        self.choose(FOLDER / "face.png")
        self.wait_for(lambda: "face.png" in self.text("status"), "the picture")
        self.put_frame({"x": 0, "y": 0, "size": 1000})  # more than there is
        self.value("document.getElementById('size').dispatchEvent(new Event('input'))")
        self.sees(SAMPLES["faces"][0]["probabilities"], within=1e-4)

    def test_no_picture(self):
        before = self.value(PROBABILITIES)
        self.choose(FOLDER / "samples.json")
        self.wait_for(lambda: "samples.json is not a picture" in self.text("status"), "the refusal")
        self.assertEqual(self.value(PROBABILITIES), before)

    def test_dropped_picture(self):
        self.value("""new Promise(done => document.createElement('canvas').toBlob(blob => {
              const files = new DataTransfer();
              files.items.add(new File([blob], 'dropped.png'));
              document.dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }));
              done();
            }))""")
        self.wait_for(lambda: "dropped.png" in self.text("status"), "the picture")

    def test_keyboard(self):
        self.start_camera()
        self.value("document.getElementById('frame').focus()")
        x, y, size = self.frame()
        for key, expected in (("ArrowRight", [x - 10, y, size]), ("ArrowLeft", [x, y, size]),  # as in a mirror
                              ("ArrowDown", [x, y + 10, size]), ("ArrowUp", [x, y, size]),
                              ("+", [x - 10, y - 10, size + 19]), ("-", [x, y, size])):
            self.browser.ask("Input.dispatchKeyEvent", type="keyDown", key=key)
            found = self.frame()
            self.assertLessEqual(max(abs(a - b) for a, b in zip(found, expected)), 1, (key, found, expected))

    def test_mouse(self):
        box = self.value("(({ left, top, width }) => [left, top, width])(document.getElementById('stage').getBoundingClientRect())")
        self.start_camera()
        x, y, _ = self.frame()
        middle, scale = [box[0] + box[2] / 2, box[1] + box[2] * 3 / 8], 640 / box[2]
        for kind, dx, dy in (("mousePressed", 0, 0), ("mouseMoved", 30, 20), ("mouseReleased", 30, 20)):
            self.browser.ask("Input.dispatchMouseEvent", type=kind, x=middle[0] + dx, y=middle[1] + dy, button="left", buttons=1,
                             clickCount=1)
        found = self.frame()
        self.assertLessEqual(abs(found[0] - (x - 30 * scale)), 2)
        self.assertLessEqual(abs(found[1] - (y + 20 * scale)), 2)

    def test_size_and_origin(self):
        loaded = self.value("performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual([name for name in loaded if not name.startswith(self.address)], [])
        files = {name.removeprefix(self.address) for name in loaded} | {"index.html"}
        self.assertEqual(files, {path.name for path in PAGE.iterdir()})
        self.assertLess(sum((PAGE / name).stat().st_size for name in files), MOST_BYTES)

    def test_nothing_can_be_sent(self):
        sent = self.value("fetch('https://example.org/', { mode: 'no-cors' }).then(() => 'sent', error => error.name)")
        self.assertEqual(sent, "TypeError")
        while "Log.entryAdded" not in self.browser.events:  # the policy says so
            self.browser.events.append(self.browser.message().get("method"))
        self.browser.events.clear()

    def test_looks(self):
        for name, width, how in (("wide", 1100, {}), ("dark", 1100, {"dark": True}), ("phone", 360, {"phone": True}),
                                 ("phone-dark", 360, {"dark": True, "phone": True})):
            with self.subTest(name):
                self.open(width, **how)
                self.assertEqual(self.value("document.documentElement.scrollWidth"), width)
                contrast, words = self.value(CONTRAST)
                self.assertGreaterEqual(contrast, 4.5, words)
                self.start_camera()
                self.keep_screenshot(name)

    def test_what_a_screen_reader_finds(self):
        nodes = self.browser.ask("Accessibility.getFullAXTree")["nodes"]
        focusable = [n for n in nodes if any(p["name"] == "focusable" and p["value"].get("value") for p in n.get("properties", []))]
        named = {n["role"]["value"]: n["name"]["value"] for n in focusable if n["role"]["value"] != "RootWebArea"}
        self.assertEqual(set(named), {"button", "application", "slider"})
        self.assertNotIn("", [n["name"]["value"] for n in focusable])
        self.assertEqual(self.text("spoken"), self.text("result").split(",")[0])
        self.assertEqual(self.value("document.getElementById('spoken').ariaLive"), "polite")


if __name__ == "__main__":
    if not shutil.which("em++"):
        print("Skipped: there is no em++ (Debian's package emscripten), which compiles the page's network")
        sys.exit(77)
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
