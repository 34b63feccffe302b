// The transformer, from its weights alone: embedding, blocks of softmax attention and a ReGLU layer, unembedding. It
// knows no machine, no tape and no names.

import { HeadMemory, sparse } from "./attention.js";

export class Transformer {
  // description: { rows, width, blocks: [{ heads, channels, units }], tensors: { name: { size, places, numbers } } };
  // places are flat, ascending, and of the non-zero weights only.
  constructor(description) {
    this.description = description;
    const { tensors } = description;
    this.width = description.width;
    this.embedding = byRow(tensors["embed.W_E"]);
    [this.position] = byRow(tensors["embed.W_pos"]);
    this.unembedding = matrix(tensors["unembed.W_U"]);
    this.blocks = description.blocks.map((shape, b) => ({
      shape,
      heads: Array.from({ length: shape.heads }, (_, h) =>
        Object.fromEntries(
          ["W_Q", "W_K", "W_V", "W_O"].map((name) => [name, matrix(headOf(tensors[`blocks.${b}.attn.${name}`], h))]),
        ),
      ),
      feedForward: Object.fromEntries(
        ["W_gate", "W_in", "W_out"].map((name) => [name, matrix(tensors[`blocks.${b}.mlp.${name}`])]),
      ),
    }));
  }

  memories() {
    return this.blocks.map(({ shape }) => Array.from({ length: shape.heads }, () => new HeadMemory(shape.channels)));
  }

  embed(token, t) {
    const x = new Float64Array(this.width);
    for (const row of token) if (row) this.add(x, this.embedding[row], 1);
    this.add(x, this.position, t);
    return x;
  }

  add(x, row, times) {
    for (const [m, weight] of row) x[m] += times * weight;
  }

  // Take in a token, the t-th of the context (counted from 1), and give the logits of what follows.
  advance(token, t, memories) {
    const x = this.embed(token, t);
    this.blocks.forEach((block, b) => {
      const heads = block.heads.map((head, h) => {
        const memory = memories[b][h];
        memory.add(inSparse(product(x, head.W_K, block.shape.channels)), inSparse(product(x, head.W_V, block.shape.channels)));
        return memory.attend(product(x, head.W_Q, block.shape.channels));
      });
      this.finish(block, x, heads);
    });
    return product(x, this.unembedding, this.description.rows);
  }

  // The same once more, for a token that was taken in: every stage of it, with the attention over all tokens up to it.
  look(token, t, memories) {
    const x = this.embed(token, t);
    const stages = [{ name: "embed", stream: x.slice() }];
    this.blocks.forEach((block, b) => {
      const looks = block.heads.map((head, h) => memories[b][h].look(product(x, head.W_Q, block.shape.channels), t));
      const units = this.finish(block, x, looks.map(({ output }) => output));
      stages.push({ heads: looks, units, stream: x.slice() });
    });
    return { stages, logits: product(x, this.unembedding, this.description.rows) };
  }

  // Add the heads' outputs to the stream, then the feed-forward layer's; the units' activations.
  finish(block, x, outputs) {
    for (let h = 0; h < outputs.length; h++) product(outputs[h], block.heads[h].W_O, this.width, x);
    const { W_gate, W_in, W_out } = block.feedForward;
    const gate = product(x, W_gate, block.shape.units);
    const units = product(x, W_in, block.shape.units);
    for (let u = 0; u < units.length; u++) units[u] *= Math.max(0, gate[u]);
    product(units, W_out, this.width, x);
    return units;
  }

  // The same network with one weight set to another value.
  changed(tensor, place, number) {
    const { size, places, numbers } = this.description.tensors[tensor];
    const at = places.indexOf(place);
    const more = at < 0 ? { places: [...places, place], numbers: [...numbers, number] } : { places, numbers: numbers.map((old, i) => (i === at ? number : old)) };
    const tensors = { ...this.description.tensors, [tensor]: { size, ...more } };
    return new Transformer({ ...this.description, tensors });
  }
}

// vector [i] times matrix [i o], the matrix as its non-zero weights.
function product(vector, { inward, outward, weights }, size, into = new Float64Array(size)) {
  for (let k = 0; k < weights.length; k++) into[outward[k]] += vector[inward[k]] * weights[k];
  return into;
}

function matrix({ size, places, numbers }) {
  const columns = size[size.length - 1];
  return {
    inward: Int32Array.from(places, (place) => Math.floor(place / columns)),
    outward: Int32Array.from(places, (place) => place % columns),
    weights: Float64Array.from(numbers),
  };
}

function byRow({ size, places, numbers }) {
  const rows = Array.from({ length: size[0] }, () => []);
  places.forEach((place, i) => rows[Math.floor(place / size[1])].push([place % size[1], numbers[i]]));
  return rows;
}

function headOf({ size, places, numbers }, head) {
  const one = size[1] * size[2];
  const own = places.map((place, i) => [place, numbers[i]]).filter(([place]) => Math.floor(place / one) === head);
  return { size: size.slice(1), places: own.map(([place]) => place - head * one), numbers: own.map(([, number]) => number) };
}

function inSparse(vector) {
  const pairs = [];
  for (let c = 0; c < vector.length; c++) if (vector[c]) pairs.push([c, vector[c]]);
  return sparse(pairs);
}
