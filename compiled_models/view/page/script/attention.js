// What one attention head remembers of the tokens so far. Tokens with equal keys have equal attention weights, so that
// they are kept together: a key once, the sum of its values and their number. Nothing here knows what a key means.

const SKIP = 1e-12; // the most that keys which are not looked at may add to a head's output
const MANY = 64; // distinct keys from which on an index is worth while

export class HeadMemory {
  constructor(valueChannels) {
    this.valueChannels = valueChannels;
    this.keys = []; // distinct keys, sparse: { channels, numbers }
    this.values = []; // distinct values, likewise
    this.keyNumbers = new Map();
    this.valueNumbers = new Map();
    this.keyOf = new Integers(); // of each token, the number of its key
    this.valueOf = new Integers();
    this.sums = []; // of each key, the sum of its values
    this.counts = [];
    this.numbers = []; // 0, 1, ... of the keys
    this.largest = 0; // |value|
    this.index = null;
  }

  add(key, value) {
    const k = numbered(key, this.keys, this.keyNumbers);
    const v = numbered(value, this.values, this.valueNumbers);
    this.keyOf.push(k);
    this.valueOf.push(v);
    if (k === this.sums.length) {
      this.sums.push(new Float64Array(this.valueChannels));
      this.counts.push(0);
      if (this.index) this.index = this.index.add(this.keys[k], k) ? this.index : null;
      else if (this.keys.length === MANY) this.index = Parabola.of(this.keys);
    }
    const { channels, numbers } = this.values[v];
    for (let i = 0; i < channels.length; i++) {
      this.sums[k][channels[i]] += numbers[i];
      this.largest = Math.max(this.largest, Math.abs(numbers[i]));
    }
    this.counts[k] += 1;
  }

  // The attention output of a query, from the merged entries.
  attend(query) {
    const near = this.index && this.index.near(query, this);
    return this.mean(query, near || this.every(), this.sums, this.counts).output;
  }

  every() {
    while (this.numbers.length < this.keys.length) this.numbers.push(this.numbers.length);
    return this.numbers;
  }

  mean(query, numbers, sums, counts) {
    const scores = new Float64Array(numbers.length);
    let highest = -Infinity;
    for (let i = 0; i < numbers.length; i++) {
      scores[i] = counts[numbers[i]] ? dot(this.keys[numbers[i]], query) : -Infinity;
      if (scores[i] > highest) highest = scores[i];
    }
    const output = new Float64Array(this.valueChannels);
    let total = 0;
    for (let i = 0; i < numbers.length; i++) {
      const weight = Math.exp(scores[i] - highest);
      if (!(weight > 0)) continue;
      total += counts[numbers[i]] * weight;
      const sum = sums[numbers[i]];
      for (let c = 0; c < output.length; c++) output[c] += weight * sum[c];
    }
    for (let c = 0; c < output.length; c++) output[c] /= total;
    return { output, scores, highest, total };
  }

  // The same for a query at an earlier token, over the tokens up to it only, one by one; and their attention weights.
  look(query, length) {
    const sums = this.keys.map(() => new Float64Array(this.valueChannels));
    const counts = new Float64Array(this.keys.length);
    for (let t = 0; t < length; t++) {
      const k = this.keyOf.at(t);
      const { channels, numbers } = this.values[this.valueOf.at(t)];
      counts[k] += 1;
      for (let i = 0; i < channels.length; i++) sums[k][channels[i]] += numbers[i];
    }
    const { output, scores, highest, total } = this.mean(query, this.every(), sums, counts);
    const weights = scores.map((score) => Math.exp(score - highest) / total);
    return { output, weightOf: (t) => weights[this.keyOf.at(t)], scoreOf: (t) => scores[this.keyOf.at(t)] };
  }
}

// Keys (2c, f - c^2, rest) for integers c and few different (f, rest): the score falls with the square of the distance
// of c from what the query asks for, so that only keys near it are looked at. Found by trying, verified on every key.
class Parabola {
  static of(keys) {
    const channels = [...new Set(keys.flatMap((key) => key.channels))];
    for (const linear of channels) {
      for (const square of channels) {
        const index = new Parabola(linear, square);
        if (linear !== square && keys.every((key, k) => index.add(key, k))) return index;
      }
    }
    return null;
  }

  constructor(linear, square) {
    [this.linear, this.square] = [linear, square];
    this.cells = new Map(); // offset, the key with c = 0 -> { offset, byCell: c -> number of the key }
  }

  add(key, k) {
    const half = channel(key, this.linear) / 2;
    const squared = channel(key, this.square);
    const f = squared + half * half;
    if (!Number.isInteger(half) || f - half * half !== squared) return false;
    const offset = sparse(key.channels.map((c, i) => [c, key.numbers[i]]).filter(([c]) => c !== this.linear && c !== this.square));
    if (f) [offset.channels, offset.numbers] = [[...offset.channels, this.square], [...offset.numbers, f]];
    const name = named(offset);
    if (!this.cells.has(name)) {
      if (this.cells.size === 8) return false;
      this.cells.set(name, { offset, byCell: new Map() });
    }
    this.cells.get(name).byCell.set(half, k);
    return true;
  }

  // The numbers of the keys that matter to a query; null where that cannot be told.
  near(query, memory) {
    const [a, b] = [query[this.linear], query[this.square]];
    const centre = a / b;
    if (!(b > 0) || !(Math.abs(centre) < 2 ** 52)) return null; // beyond it, a cell has no neighbours among doubles
    const all = memory.keyOf.length;
    for (let radius = 0; radius < memory.keys.length; radius = 2 * radius + 1) {
      const numbers = [];
      let beyond = -Infinity;
      const distance = radius + 1 - Math.abs(Math.round(centre) - centre);
      for (const { offset, byCell } of this.cells.values()) {
        if (byCell.size <= 2 * radius + 1) {
          numbers.push(...byCell.values());
          continue;
        }
        for (let c = Math.round(centre) - radius; c <= Math.round(centre) + radius; c++) {
          if (byCell.has(c)) numbers.push(byCell.get(c));
        }
        beyond = Math.max(beyond, dot(offset, query));
      }
      if (!numbers.length) continue;
      const highest = Math.max(...numbers.map((k) => dot(memory.keys[k], query)));
      const skipped = all - numbers.reduce((total, k) => total + memory.counts[k], 0);
      const gap = highest - (beyond + a * centre - b * distance * distance);
      if (!skipped || 2 * memory.largest * skipped * Math.exp(Math.min(-gap, 0)) <= SKIP) return numbers;
    }
    return null;
  }
}

class Integers {
  constructor() {
    this.room = new Int32Array(256);
    this.length = 0;
  }

  push(number) {
    if (this.length === this.room.length) {
      const room = new Int32Array(2 * this.length);
      room.set(this.room);
      this.room = room;
    }
    this.room[this.length++] = number;
  }

  at(place) {
    return this.room[place];
  }
}

export function sparse(pairs) {
  return { channels: pairs.map(([c]) => c), numbers: pairs.map(([, number]) => number) };
}

function numbered(vector, list, numbers) {
  const name = named(vector);
  let number = numbers.get(name);
  if (number === undefined) {
    number = list.push(vector) - 1;
    numbers.set(name, number);
  }
  return number;
}

function named({ channels, numbers }) {
  let name = "";
  for (let i = 0; i < channels.length; i++) name += `${channels[i]}:${numbers[i]};`;
  return name;
}

function channel({ channels, numbers }, wanted) {
  const at = channels.indexOf(wanted);
  return at < 0 ? 0 : numbers[at];
}

function dot({ channels, numbers }, query) {
  let sum = 0;
  for (let i = 0; i < channels.length; i++) sum += numbers[i] * query[channels[i]];
  return sum;
}
