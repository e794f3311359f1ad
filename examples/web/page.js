// SPDX-License-Identifier: MIT
// The page: a picture, a frame in it, and what the network says of what is in the frame.
import { Frame } from "./frame.js";
import { open, side } from "./network.js";
import { Camera, draw_file, draw_greys } from "./source.js";

const find = id => document.getElementById(id);
const canvas = find("picture"), camera = new Camera();
export const frame = new Frame(find("frame"), find("size"), () => camera.is_on || look());

/// A file of this page, which was compressed when it was built.
async function unpacked(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
  const stream = answer.body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function say(text) { find("status").textContent = text; }

// The bars, once the names are known.
let rows = [];
function make_bars(names) {
  rows = names.map(name => {
    const row = find("bars").tBodies[0].insertRow();
    row.innerHTML = '<th scope="row"></th><td><span class="bar" aria-hidden="true"><span></span></span></td><td><data></data></td>';
    row.querySelector("th").textContent = name;
    return { row, bar: row.querySelector(".bar span"), number: row.querySelector("data") };
  });
}

/// What the network says of what is in the frame.
let network;
const times = []; // of the last looks: when each began, and how long the network took
function look() {
  const image = canvas.getContext("2d", { willReadFrequently: true }).getImageData(frame.x, frame.y, frame.size, frame.size);
  const begun = performance.now();
  const { probabilities, face } = network.predict(image);
  times.push({ begun, took: performance.now() - begun });
  draw_greys(face, side, find("face"));

  const most = probabilities.indexOf(Math.max(...probabilities));
  const percent = probability => `${(100 * probability).toFixed(0)} %`;
  rows.forEach(({ row, bar, number }, i) => {
    bar.style.transform = `scaleX(${probabilities[i]})`;
    number.value = probabilities[i];
    number.textContent = percent(probabilities[i]);
    row.classList.toggle("most", i === most);
  });
  find("result").textContent = `${network.names[most]}, ${percent(probabilities[most])}`;
  speak(network.names[most]);
  show_times();
}

/// For screen readers: a change, and not more than one every two seconds.
let spoken = { name: "", at: -Infinity };
function speak(name) {
  if (name === spoken.name || performance.now() - spoken.at < 2000) return;
  spoken = { name, at: performance.now() };
  find("spoken").textContent = name;
}

function show_times() {
  const now = performance.now();
  while (times.length > 1 && now - times[0].begun > 1000) times.shift();
  const took = times.reduce((sum, time) => sum + time.took, 0) / times.length;
  find("time").textContent = `${took.toFixed(1)} ms`;
  const seconds = (times.at(-1).begun - times[0].begun) / 1000;
  find("rate").textContent = camera.is_on && seconds > 0.5 ? ((times.length - 1) / seconds).toFixed(0) : "–";
}

/// Ends what was shown before, and says what is shown now.
function change_picture(words, { from_camera = false } = {}) {
  if (!from_camera) camera.stop();
  times.length = 0;
  find("camera").textContent = from_camera ? "Stop the camera" : "Use the camera";
  find("camera").setAttribute("aria-pressed", from_camera);
  find("stage").classList.toggle("mirrored", from_camera);
  frame.mirrored = from_camera;
  canvas.setAttribute("aria-label", words);
  say(words);
}

let seed = 0;
function show_drawn() {
  const { face, name } = network.draw(++seed);
  change_picture(`A drawn face, meant to look ${name.toLowerCase()}.`);
  show_still(() => draw_greys(face, side, canvas), 1);
}

async function show_file(file) {
  try {
    const picture = document.createElement("canvas");
    await draw_file(file, picture); // what was shown before stays where this fails
    change_picture(`The picture ${file.name}.`);
    show_still(() => {
      Object.assign(canvas, { width: picture.width, height: picture.height });
      canvas.getContext("2d", { willReadFrequently: true }).drawImage(picture, 0, 0);
    }, 0.8);
  } catch {
    say(`${file.name} is not a picture that this browser can read.`);
  }
}

function show_still(draw, share) {
  draw();
  canvas.classList.toggle("small", canvas.width < 200);
  frame.reset(canvas.width, canvas.height, share);
  look();
}

async function switch_camera() {
  if (camera.is_on) return show_drawn();
  find("camera").disabled = true; // while the browser asks its user
  try {
    await camera.start(canvas, () => frame.reset(canvas.width, canvas.height, 0.7), look);
    canvas.classList.remove("small");
    change_picture("The camera's picture, as in a mirror.", { from_camera: true });
  } catch (error) {
    camera.stop();
    say(`The camera cannot be used: ${error.message}`);
  } finally {
    find("camera").disabled = false;
  }
}

find("camera").addEventListener("click", switch_camera);
find("draw").addEventListener("click", show_drawn);
find("open").addEventListener("click", () => find("file").click());
find("file").addEventListener("change", ({ target }) => {
  if (target.files.length) show_file(target.files[0]);
  target.value = ""; // the same file may be chosen again
});
document.addEventListener("dragover", event => event.preventDefault());
document.addEventListener("drop", event => {
  event.preventDefault();
  if (network && event.dataTransfer.files.length) show_file(event.dataTransfer.files[0]);
});

try {
  network = await open(await unpacked("network.wasm.gzip"), await unpacked("weights.safetensors.gzip"));
  make_bars(network.names);
  for (const button of document.querySelectorAll("button")) button.disabled = false;
  show_drawn();
} catch (error) {
  say(`The network cannot be loaded: ${error.message}`);
}
