// A run: the network's tokens, one after another, and what they say of the tapes. Every token is the network's own: the
// context goes in, logits come out, the best token (or one drawn by its probability) goes to the end of the context.

import { Codec } from "./codec.js";

export class Run {
  constructor(network, vocabulary, capacity, { machine, input, heads, seed = null }) {
    Object.assign(this, { network, vocabulary, machine, input, heads, seed });
    this.codec = new Codec(vocabulary, capacity, machine, input, heads);
    this.prompt = this.codec.prompt(input, heads);
    this.tokens = [...this.prompt]; // the context: the prompt, then the generated tokens
    this.memories = network.memories();
    this.taken = 0; // tokens that the network has read
    this.stopped = false;
    this.strange = false; // whether the last token is no step and no STOP, which only changed weights generate
    this.stuck = false; // whether the logits are no numbers, so that there is no token
    this.random = seed === null ? null : generator(seed);
    this.tapes = new Tapes(machine, input, heads);
  }

  // The steps generated so far; a STOP is none.
  get steps() {
    return this.tokens.length - this.prompt.length - (this.stopped ? 1 : 0);
  }

  // Generate until the run stops, `most` steps are done, or `until` (a time in milliseconds) is past.
  generate(most, until = Infinity) {
    while (!this.over(most)) {
      if (this.tokens.length % 64 === 0 && performance.now() > until) return;
      let logits;
      while (this.taken < this.tokens.length) {
        const token = this.tokens[this.taken];
        logits = this.network.advance(token, this.taken + 1, this.memories);
        this.taken += 1;
      }
      const token = this.chosen(logits);
      if (token === null) {
        this.stuck = true;
        return;
      }
      this.tokens.push(token);
      const { kind } = this.vocabulary.parse(token);
      this.stopped = kind === "STOP";
      if (kind === "STEP") this.tapes.apply(this.codec.rule(token));
      else if (!this.stopped) {
        this.strange = this.stopped = true; // changed weights may say anything: it is shown, and the run ends
      }
    }
  }

  // Whether nothing more is generated, if `most` steps are enough.
  over(most) {
    return this.stopped || this.stuck || this.steps >= most;
  }

  chosen(logits) {
    if (this.random === null) return this.vocabulary.best(logits);
    const tokens = this.vocabulary.positive(logits);
    const total = tokens.reduce((sum, { probability }) => sum + probability, 0);
    let left = this.random() * total;
    for (const { token, probability } of tokens) if ((left -= probability) < 0) return token;
    return tokens.length ? tokens[tokens.length - 1].token : this.vocabulary.best(logits);
  }

  // What the network computed for the token after `step` steps: every stage, attention and logits.
  look(step) {
    const t = this.prompt.length + step;
    return { t, ...this.network.look(this.tokens[t - 1], t, this.memories) };
  }

  // "accepted", "rejected", "halted", "running", or "strange": it ended with what is neither a step nor STOP.
  verdict() {
    if (this.strange || this.stuck) return "strange";
    if (!this.stopped) return "running";
    const { accept, reject, decides } = this.machine;
    const { state } = this.tapes.at(this.steps);
    if (accept.includes(state)) return "accepted";
    return reject.includes(state) || accept.length || decides ? "rejected" : "halted";
  }
}

// The tapes of a run, at any step: what each step wrote and where is kept, the rest follows.
export class Tapes {
  constructor(machine, input, heads) {
    this.machine = machine;
    this.input = input;
    this.begin = heads;
    this.moves = []; // of each step: { state, cells: [cell of each head before], before: [symbols], write, heads after }
    this.low = heads.map((cell, tape) => Math.min(cell, 0));
    this.high = heads.map((cell, tape) => Math.max(cell, input[tape].length - 1, 0));
    this.cells = input.map((symbols) => new Map(symbols.map((name, cell) => [cell, name])));
    this.heads = [...heads];
    this.state = machine.start;
  }

  apply({ next, write, moves }) {
    const cells = [...this.heads];
    const before = cells.map((cell, tape) => this.read(tape, cell));
    cells.forEach((cell, tape) => {
      this.cells[tape].set(cell, write[tape]);
      this.heads[tape] = cell + { L: -1, S: 0, R: 1 }[moves[tape]];
      this.low[tape] = Math.min(this.low[tape], this.heads[tape]);
      this.high[tape] = Math.max(this.high[tape], this.heads[tape]);
    });
    this.moves.push({ state: this.state, cells, before, write });
    this.state = next;
  }

  read(tape, cell) {
    return this.cells[tape].get(cell) ?? this.machine.blank;
  }

  // The state and the heads after some steps, and a function that reads the tapes as they were then.
  at(step) {
    const now = this.moves[step];
    const heads = now ? now.cells : this.heads;
    const later = this.input.map(() => new Map());
    for (let s = this.moves.length - 1; s >= step; s--) {
      this.moves[s].cells.forEach((cell, tape) => later[tape].set(cell, this.moves[s].before[tape]));
    }
    const read = (tape, cell) => later[tape].get(cell) ?? this.read(tape, cell);
    return { state: now ? now.state : this.state, heads, read };
  }

  // The number of the last step before `step` that wrote to a cell; null where none did.
  lastWriter(tape, cell, step) {
    for (let s = step - 1; s >= 0; s--) if (this.moves[s].cells[tape] === cell) return s;
    return null;
  }
}

// mulberry32: the page's own draws, the same for the same seed (not those of `tapehead run --seed`).
export function generator(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// What is typed as an input: a symbol a character, tapes parted by commas; longer symbols as JSON.
export function typedInput(machine, text) {
  const named = new Set(machine.symbols);
  if (text.startsWith("[") && ![...text].every((character) => named.has(character))) {
    const list = listed(text);
    return givenInput(machine, list.some(Array.isArray) || machine.tapes > 1 ? list : [list]);
  }
  const parts = machine.tapes > 1 ? text.split(",") : [text];
  const tapes = filled(parts.map((part) => [...part]), machine.tapes);
  if (!machine.rejectsUnknown) {
    const strange = [...new Set(tapes.flat().filter((name) => !named.has(name)))];
    if (strange.length) throw new Error(`the machine has no symbol ${strange.join(" ")}; it knows ${machine.symbols.join(" ")}`);
  }
  return tapes;
}

function listed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`the input is no JSON list, such as ["a1", "b"]: ${error.message}`);
  }
}

// What is given as an input, a list of symbols (or a text of one letter each) for each tape.
export function givenInput(machine, tapes) {
  const lists = tapes.map((tape) => (typeof tape === "string" ? [...tape] : tape));
  if (!lists.every((tape) => Array.isArray(tape) && tape.every((name) => typeof name === "string" && name))) {
    throw new Error('the input is a list of symbols, such as ["a1", "b"], for several tapes a list of lists');
  }
  return filled(lists, machine.tapes);
}

// Where the heads stand first: a cell for each tape; without any, cell 0.
export function givenHeads(machine, heads) {
  if (heads === null || heads === undefined) return Array(machine.tapes).fill(0);
  if (heads.length !== machine.tapes || !heads.every(Number.isSafeInteger)) {
    throw new Error(`the heads' cells are whole numbers, one for each of the ${machine.tapes} tapes`);
  }
  return heads;
}

function filled(tapes, count) {
  if (tapes.length > count) throw new Error(`${tapes.length} inputs, and the machine has ${count} tape${count > 1 ? "s" : ""}`);
  return [...tapes, ...Array.from({ length: count - tapes.length }, () => [])];
}
