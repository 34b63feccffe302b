// The space-time diagram: time runs to the right, the tape upwards; a stroke of colour is a symbol, the dark line is the
// head. It is drawn from the run at the screen's own resolution, so that it stays sharp at any zoom. Dragging chooses a step.

import { symbolClass } from "./dom.js";

const HEIGHT = 132;

export class SpacetimeView {
  constructor(canvas, choose) {
    this.canvas = canvas;
    this.choose = choose;
    this.zoom = 1; // of the whole run
    this.left = 0; // the first step that is seen
    let dragging = false;
    const point = (event) => choose(this.stepAt(event.clientX));
    canvas.addEventListener("pointerdown", (event) => {
      dragging = true;
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener("pointermove", (event) => dragging && point(event));
    canvas.addEventListener("pointerup", () => (dragging = false));
    canvas.addEventListener("pointercancel", () => (dragging = false));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  wheel(event) {
    event.preventDefault();
    this.zoomTo(this.zoom * 1.2 ** -Math.sign(event.deltaY), this.stepAt(event.clientX), event.clientX);
  }

  zoomTo(zoom, step, x = null) {
    const { left, width } = this.canvas.getBoundingClientRect();
    this.zoom = Math.min(Math.max(1, zoom), Math.max(1, this.run.steps / 8));
    const share = x === null ? 0.5 : (x - left) / width;
    this.left = step - share * this.seen();
    this.draw();
  }

  seen() {
    return (this.run.steps + 1) / this.zoom;
  }

  stepAt(x) {
    const { left, width } = this.canvas.getBoundingClientRect();
    const step = Math.floor(this.left + ((x - left) / width) * this.seen());
    return Math.min(Math.max(0, step), this.run.steps);
  }

  show(run, step) {
    if (run !== this.run) [this.zoom, this.left] = [1, 0];
    const fresh = run !== this.run || run.steps !== this.drawn;
    [this.run, this.step] = [run, step];
    if (this.zoom > 1 && (step < this.left || step >= this.left + this.seen())) {
      this.left = step - this.seen() / 2;
      this.draw();
    } else if (fresh) this.draw();
    else this.cursor();
  }

  draw() {
    const { run, canvas } = this;
    if (!run) return;
    this.drawn = run.steps;
    this.left = Math.min(Math.max(0, this.left), run.steps + 1 - this.seen());
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
    canvas.height = Math.round(HEIGHT * scale * Math.min(2, run.machine.tapes));
    canvas.style.setProperty("height", `${canvas.height / scale}px`);
    this.picture = document.createElement("canvas");
    [this.picture.width, this.picture.height] = [canvas.width, canvas.height];
    const context = this.picture.getContext("2d");
    for (let tape = 0; tape < run.machine.tapes; tape++) this.drawTape(context, tape);
    this.cursor();
  }

  // The tape as it was at each column's step: replayed once, a picture of a pixel for each column and row, then scaled.
  // Where there are more cells than rows, or more steps than columns, every so manieth is drawn.
  drawTape(context, tape) {
    const { run, picture } = this;
    const height = picture.height / run.machine.tapes;
    const [low, high] = [run.tapes.low[tape], run.tapes.high[tape]];
    const many = high - low + 1;
    const rows = Math.max(1, Math.min(many, Math.floor(height)));
    const columns = Math.max(1, Math.min(picture.width, Math.ceil(this.seen())));
    const cellAt = Array.from({ length: rows }, (_, row) => low + Math.floor(((rows - row - 0.5) * many) / rows));
    const colours = new Map(run.codec.symbols.map((name) => [name, pixel(symbolClass(run.codec, name))]));
    const [blank, ink] = [pixel("blank"), pixel("ink")];
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const cells = new Map(run.input[tape].map((name, cell) => [cell, name]));
    const { moves, heads } = run.tapes;
    let done = 0;
    for (let column = 0; column < columns; column++) {
      const step = Math.min(run.steps, Math.floor(this.left + (column * this.seen()) / columns));
      for (; done < step; done++) cells.set(moves[done].cells[tape], moves[done].write[tape]);
      for (let row = 0; row < rows; row++) pixels[row * columns + column] = colours.get(cells.get(cellAt[row])) ?? blank;
      const head = step < moves.length ? moves[step].cells[tape] : heads[tape];
      pixels[(rows - 1 - Math.floor(((head - low) * rows) / many)) * columns + column] = ink;
    }
    const small = document.createElement("canvas");
    [small.width, small.height] = [columns, rows];
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, columns, rows, 0, tape * height, picture.width, height);
  }

  cursor() {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.picture, 0, 0);
    const width = this.canvas.width / this.seen();
    const x = (this.step - this.left) * width;
    context.strokeStyle = colourOf("accent");
    context.lineWidth = Math.max(2, Math.min(width, 3 * (window.devicePixelRatio || 1)));
    context.strokeRect(x, 0, Math.max(width, 1), this.canvas.height);
  }
}

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888888";
}

// The same as a pixel of an image: red, green, blue and opaque, in the order of this machine's bytes.
function pixel(name) {
  const [red, green, blue] = /^#(..)(..)(..)/.exec(colourOf(name)).slice(1).map((hex) => parseInt(hex, 16));
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0];
}
