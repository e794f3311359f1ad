// SPDX-License-Identifier: MIT
// Where pictures come from, each drawn on the canvas: a file, the built-in faces, the camera.

const longest = 1280; // larger pictures are made smaller: a face needs 48 pixels

/// Draws the picture of a file. Throws where the browser cannot read it.
export async function draw_file(file, canvas) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#808080"; // under what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
}

/// Draws side x side greys.
export function draw_greys(greys, side, canvas) {
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  greys.forEach((grey, i) => image.data.set([grey, grey, grey, 255], 4 * i));
  canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
}

export class Camera {
  #video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  #stream = null;

  get is_on() { return this.#stream !== null; }

  /// Draws each of its frames, then calls `drawn`; `begun` before the first, when the canvas has its size. Throws where
  /// there is no camera or the user refuses it.
  async start(canvas, begun, drawn) {
    if (!navigator.mediaDevices) throw new Error("a browser gives a page the camera over https or from 127.0.0.1 only");
    this.#stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } },
    });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const next = callback =>
      this.#video.requestVideoFrameCallback ? this.#video.requestVideoFrameCallback(callback) : requestAnimationFrame(callback);
    const draw = () => {
      if (!this.is_on) return;
      const { videoWidth: width, videoHeight: height } = this.#video;
      if (canvas.width !== width || canvas.height !== height) { // a phone was turned
        Object.assign(canvas, { width, height });
        begun();
      }
      context.drawImage(this.#video, 0, 0);
      drawn();
      next(draw);
    };
    canvas.width = 0; // whatever was there has another size
    next(draw);
  }

  stop() {
    this.#stream?.getTracks().forEach(track => track.stop());
    this.#stream = this.#video.srcObject = null;
  }
}
