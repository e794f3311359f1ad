// SPDX-License-Identifier: MIT
// node predict.js FOLDER: the page's network.js, whose files are beside this one, on web_samples' pictures; its answers as
// JSON. Nothing but node.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { open, side } from "./network.js";

const samples = path.join(process.argv[2], "samples.json");
const { faces, picture } = JSON.parse(fs.readFileSync(samples));
const unpacked = name => zlib.gunzipSync(fs.readFileSync(new URL(name, import.meta.url)));
const program = unpacked("network.wasm.gzip"), weights = unpacked("weights.safetensors.gzip");
const network = await open(program, weights);

/// Greys as a canvas has them.
const grey_image = pixels => ({ data: Uint8ClampedArray.from(pixels.flatMap(grey => [grey, grey, grey, 255])), width: side, height: side });
const refused = async bytes => open(program, bytes).then(() => "", error => error.message);
const data = new Uint8ClampedArray(fs.readFileSync(path.join(process.argv[2], "picture.rgba")));
console.log(JSON.stringify({
  names: network.names,
  faces: faces.map(({ pixels }) => [...network.predict(grey_image(pixels)).probabilities]),
  seen: faces.map(({ pixels }) => [...network.predict(grey_image(pixels)).face]),
  drawn: faces.map(({ seed }) => [...network.draw(seed).face]),
  picture: [...network.predict({ ...picture, data }).probabilities],
  refused: [await refused(weights.subarray(0, 1000)), await refused(new Uint8Array(0))],
}));
