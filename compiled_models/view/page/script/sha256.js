// The hash of a network's weights, as `compiled_models.fingerprint` has it: the name, size, format and bytes of every
// tensor, in the order of the names. SHA-256 in plain code: a page opened from a file may have no other.

export function fingerprint({ tensors }) {
  const hash = new Sha256();
  for (const name of Object.keys(tensors).sort()) {
    const { size, places, numbers } = tensors[name];
    const shape = size.length === 1 ? `(${size[0]},)` : `(${size.join(", ")})`;
    hash.update(new TextEncoder().encode(`${name} ${shape} torch.float64\n`));
    const bytes = new DataView(new ArrayBuffer(8 * size.reduce((a, b) => a * b, 1)));
    places.forEach((place, i) => bytes.setFloat64(8 * place, numbers[i], true));
    hash.update(new Uint8Array(bytes.buffer));
  }
  return hash.hex();
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const ROUND = Int32Array.from(PRIMES, (p) => fraction(Math.cbrt(p)));

export class Sha256 {
  constructor() {
    this.state = Int32Array.from(PRIMES.slice(0, 8), (p) => fraction(Math.sqrt(p)));
    this.rest = new Uint8Array(64);
    this.held = 0;
    this.length = 0;
    this.words = new Int32Array(64);
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + 64 - this.held);
      this.rest.set(part, this.held);
      this.held += part.length;
      at += part.length;
      if (this.held === 64) {
        this.block();
        this.held = 0;
      }
    }
  }

  hex() {
    const bits = 8 * this.length;
    const padding = new Uint8Array(((119 - this.held) % 64) + 9);
    padding[0] = 0x80;
    new DataView(padding.buffer).setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    new DataView(padding.buffer).setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  block() {
    const { words: w } = this;
    const view = new DataView(this.rest.buffer);
    const turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(4 * i);
    for (let i = 16; i < 64; i++) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i++) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (this.state[i] = (this.state[i] + word) | 0));
  }
}
