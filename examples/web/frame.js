// SPDX-License-Identifier: MIT
// The square around the face: dragged or moved with the arrow keys; plus, minus and the slider change its size.

export class Frame {
  /// `moved` is called after the user has moved it.
  constructor(element, slider, moved) {
    Object.assign(this, { element, slider, moved, x: 0, y: 0, size: 1, width: 1, height: 1, mirrored: false });
    element.addEventListener("pointerdown", event => this.#grab(event));
    element.addEventListener("pointermove", event => this.#drag(event));
    element.addEventListener("keydown", event => this.#key(event));
    slider.addEventListener("input", () => this.#resize(this.least + slider.value * (this.most - this.least)));
  }

  /// Around the middle of a picture of that size, over `share` of its shorter side.
  reset(width, height, share) {
    Object.assign(this, { width, height });
    const size = share * this.most;
    this.put((width - size) / 2, (height - size) / 2, size);
  }

  /// The upper left corner and the side, in pixels of the picture; kept inside of it.
  put(x, y, size) {
    const inside = (value, least, most) => Math.round(Math.min(Math.max(value, least), most));
    this.size = inside(size, this.least, this.most);
    this.x = inside(x, 0, this.width - this.size);
    this.y = inside(y, 0, this.height - this.size);
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(this.element.style, {
      left: percent(this.x, this.width), top: percent(this.y, this.height),
      width: percent(this.size, this.width), height: percent(this.size, this.height),
    });
    this.slider.value = this.most > this.least ? (this.size - this.least) / (this.most - this.least) : 1;
  }

  get most() { return Math.min(this.width, this.height); }
  get least() { return Math.min(24, this.most); }

  #move(dx, dy) {
    this.put(this.x + (this.mirrored ? -dx : dx), this.y + dy, this.size);
    this.moved();
  }
  #resize(wanted) {
    const size = Math.min(Math.max(wanted, this.least), this.most);
    this.put(this.x + (this.size - size) / 2, this.y + (this.size - size) / 2, size);
    this.moved();
  }

  #grab(event) {
    this.element.setPointerCapture(event.pointerId);
    this.grabbed = { x: event.clientX, y: event.clientY, left: this.x, top: this.y };
  }
  #drag(event) {
    if (!this.element.hasPointerCapture(event.pointerId)) return;
    const scale = this.width / this.element.parentElement.clientWidth, from = this.grabbed;
    const dx = (event.clientX - from.x) * scale * (this.mirrored ? -1 : 1);
    this.put(from.left + dx, from.top + (event.clientY - from.y) * scale, this.size);
    this.moved();
  }
  #key(event) {
    const step = Math.max(1, this.most / 50);
    const actions = {
      ArrowLeft: () => this.#move(-step, 0), ArrowRight: () => this.#move(step, 0),
      ArrowUp: () => this.#move(0, -step), ArrowDown: () => this.#move(0, step),
      "+": () => this.#resize(this.size + 2 * step), "=": () => this.#resize(this.size + 2 * step),
      "-": () => this.#resize(this.size - 2 * step),
    };
    if (!(event.key in actions) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[event.key]();
  }
}
