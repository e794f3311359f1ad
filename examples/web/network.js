// SPDX-License-Identifier: MIT
// The compact net, compiled from C++: pixels in, seven probabilities out. For browsers and for node.
import start from "./module.js";

export const side = 48; // height and width of a face, as the network sees it

/// What the program makes of a model file: `program` are the bytes of network.wasm, `weights` those of a model file.
export async function open(program, weights) {
  const module = await start({ wasmBinary: program });
  const put = bytes => {
    const at = module._room_for(bytes.length); // first, for the memory may grow, and its views are then others
    module.HEAPU8.set(bytes, at);
  };
  const face = () => {
    const at = module._room_for(side * side);
    return module.HEAPU8.slice(at, at + side * side);
  };

  put(weights);
  const wrong = module._load(weights.length);
  if (wrong) throw new Error(module.UTF8ToString(wrong));
  const names = module.UTF8ToString(module._class_names()).trim().split("\n");
  return {
    names,
    /// The probabilities, in the order of the names, of a picture as getImageData gives it; and the 48 x 48 greys that
    /// the network saw.
    predict({ data, width, height }) {
      put(data);
      const first = module._predict_picture(width, height) / 4;
      return { probabilities: module.HEAPF32.slice(first, first + names.length), face: face() };
    },
    /// The built-in face of that number, 48 x 48 greys, and the expression that it was drawn with.
    draw(seed) {
      const name = names[module._draw_face(seed)];
      return { face: face(), name };
    },
  };
}
