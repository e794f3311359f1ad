# SPDX-License-Identifier: MIT
"""A chromium without a window, spoken to over a pipe: https://chromedevtools.github.io/devtools-protocol/."""
import base64
import json
import os
import struct
import subprocess
import tempfile
import zlib

# The least contrast (WCAG 2.1) of a text with what is under it, and that text.
CONTRAST = """(() => {
  const colour = text => { const c = text.match(/[\\d.]+/g).map(Number); return c.length > 3 ? c : [...c, 1]; };
  const over = (top, under) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * under[i]);
  const background = e => e ? over(colour(getComputedStyle(e).backgroundColor), background(e.parentElement))
                            : matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  const light = c => c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0.05);
  let worst = [99, ""];
  for (const e of document.querySelectorAll('main *')) {
    const words = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data.trim()).join('');
    if (!words || !e.getClientRects().length || e.closest('style, title, desc')) continue;
    const under = background(e), look = getComputedStyle(e);
    const pair = [light(over(colour(e.closest('svg') ? look.fill : look.color), under)), light(under)];
    const contrast = Math.max(...pair) / Math.min(...pair);
    if (contrast < worst[0]) worst = [contrast, words];
  }
  return worst;
})()"""


class Browser:
    def __init__(self, program, *flags):
        self.folder = tempfile.TemporaryDirectory()
        commands, self.to = os.pipe()
        self.back, answers = os.pipe()
        self.number, self.rest, self.events = 0, b"", []

        def as_3_and_4():  # where --remote-debugging-pipe reads and writes
            first, second = os.dup(commands), os.dup(answers)
            os.dup2(first, 3)
            os.dup2(second, 4)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
             *flags, "--user-data-dir=" + self.folder.name, "about:blank"],
            preexec_fn=as_3_and_4, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def close(self):
        self.session = None
        self.ask("Browser.close")
        self.process.wait(timeout=60)
        os.close(self.to)
        os.close(self.back)
        self.folder.cleanup()

    def message(self):
        """The next one: the answer to a command, or an event."""
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise RuntimeError("chromium has gone")
            self.rest += more
        first, _, self.rest = self.rest.partition(b"\0")
        return json.loads(first)

    def ask(self, method, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.to, json.dumps(command).encode() + b"\0")
        while True:
            answer = self.message()
            if "method" in answer:
                self.events.append(answer["method"])
            elif answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, address, width, dark=False, phone=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=2 if phone else 1,
                 mobile=phone)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.ask("Page.navigate", url=address)
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.message().get("method"))

    def value(self, javascript):
        found = self.ask("Runtime.evaluate", expression=javascript, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"])
        return found["result"].get("value")

    def screenshot(self):
        """The whole page as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def pdf(self):
        return base64.b64decode(self.ask("Page.printToPDF", printBackground=False)["data"])


def png_lines(picture):
    """The lines of a PNG as they are stored: each with its filter, and only what differs from its neighbours."""
    width, = struct.unpack(">I", picture[16:20])
    at, data = 8, b""
    while at < len(picture):
        length, = struct.unpack(">I", picture[at:at + 4])
        if picture[at + 4:at + 8] == b"IDAT":
            data += picture[at + 8:at + 8 + length]
        at += 12 + length
    stored = zlib.decompress(data)
    stride = 1 + width * (4 if picture[25] == 6 else 3)
    return [stored[i:i + stride] for i in range(0, len(stored), stride)]
