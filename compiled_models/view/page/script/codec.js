// Names to tokens and back: the only part of the page that knows machine and network both. The network sees rows of
// numbers; states and symbols have slots in the order in which the machine names them.

import { quoted } from "./text.js";

const MOVES = ["L", "S", "R"];
const LONGEST = 200_000; // tokens of a prompt: each is read before the first is generated

export class FitError extends Error {}

export class Codec {
  constructor(vocabulary, capacity, machine, input, heads) {
    Object.assign(this, { vocabulary, capacity, machine });
    this.symbols = [...new Set([...machine.symbols, ...input.flat()])];
    this.requireFit();
    requireShort(machine, input, heads);
    this.stateSlot = new Map(machine.states.map((name, slot) => [name, slot]));
    this.symbolSlot = new Map(this.symbols.map((name, slot) => [name, slot]));
    this.idle = capacity.tapes - machine.tapes;
    this.stop = vocabulary.token("STOP");
  }

  requireFit() {
    const { capacity, machine, symbols } = this;
    const needs = { states: machine.states.length, symbols: symbols.length, tapes: machine.tapes };
    const short = Object.keys(needs).filter((what) => needs[what] > capacity[what]);
    if (short.length) {
      const said = short.map((what) => `${needs[what]} ${what}, and the network has slots for ${capacity[what]}`);
      throw new FitError(`The machine does not fit this network: it has ${said.join("; ")}.`);
    }
    const seen = new Set();
    for (const { state, read, weight } of machine.rules) {
      const situation = JSON.stringify([state, read]);
      if (weight !== null && capacity.code === "factored" && seen.has(situation)) {
        throw new FitError("This network's code is factored: it cannot draw between several actions for one situation.");
      }
      seen.add(situation);
    }
  }

  action({ next, write, moves }) {
    const state = this.stateSlot.get(next);
    const written = [...write.map((name) => this.symbolSlot.get(name)), ...Array(this.idle).fill(0)];
    const moved = [...moves.map((move) => MOVES.indexOf(move)), ...Array(this.idle).fill(1)];
    if (this.capacity.code === "factored") return [state, ...written, ...moved];
    const digits = [...written.map((b) => [b, this.capacity.symbols]), ...moved.map((m) => [m, 3])];
    return [digits.reduce((number, [digit, radix]) => number * radix + digit, state)];
  }

  situation({ state, read }) {
    return [this.stateSlot.get(state), ...read.map((name) => this.symbolSlot.get(name)), ...Array(this.idle).fill(0)];
  }

  example(rule) {
    return this.vocabulary.token("EXAMPLE", ...this.situation(rule).map((slot) => slot + 1), ...this.action(rule));
  }

  step(rule) {
    return this.vocabulary.token("STEP", ...this.situation(rule), ...this.action(rule));
  }

  // `<bos> examples... cells... shifts... <run q0>`
  prompt(input, heads) {
    const tokens = [this.vocabulary.token("BOS")];
    for (const rule of this.machine.rules) {
      const token = this.example(rule);
      for (let n = 0; n < (rule.weight || 1); n++) tokens.push(token);
    }
    input.forEach((symbols, tape) => {
      for (const name of symbols) {
        tokens.push(this.vocabulary.token("CELL", tape * this.capacity.symbols + this.symbolSlot.get(name)));
      }
    });
    heads.forEach((cell, tape) => {
      for (let n = 0; n < Math.abs(cell); n++) tokens.push(this.vocabulary.token("SHIFT", 2 * tape + (cell > 0 ? 1 : 0)));
    });
    tokens.push(this.vocabulary.token("RUN", this.stateSlot.get(this.machine.start)));
    return tokens;
  }

  stateName(slot) {
    return this.machine.states[slot] ?? `(state ${slot})`;
  }

  symbolName(slot) {
    return this.symbols[slot] ?? `(symbol ${slot})`;
  }

  // What a STEP or an EXAMPLE says: { state, read, next, write, moves }; null is a wildcard.
  rule(token) {
    const { kind, values } = this.vocabulary.parse(token);
    const { tapes, symbols, code } = this.capacity;
    const wild = kind === "EXAMPLE" ? 1 : 0;
    const [state, ...read] = values.slice(0, 1 + tapes).map((slot) => slot - wild);
    let action = values.slice(1 + tapes);
    if (code === "joint") {
      let [number] = action;
      const digits = [];
      for (const radix of [...Array(tapes).fill(3), ...Array(tapes).fill(symbols)]) {
        digits.unshift(number % radix);
        number = Math.floor(number / radix);
      }
      action = [number, ...digits];
    }
    const own = this.machine.tapes;
    return {
      state: state < 0 ? null : this.stateName(state),
      read: read.slice(0, own).map((slot) => (slot < 0 ? null : this.symbolName(slot))),
      next: this.stateName(action[0]),
      write: action.slice(1, 1 + own).map((slot) => this.symbolName(slot)),
      moves: action.slice(1 + tapes, 1 + tapes + own).map((move) => MOVES[move]),
    };
  }

  text(token) {
    const { kind, values } = this.vocabulary.parse(token);
    const several = this.machine.tapes > 1;
    if (kind === "EXAMPLE" || kind === "STEP") return written(this.rule(token), kind === "EXAMPLE" ? ":" : ">");
    if (kind === "RUN") return `<run ${quoted(this.stateName(values[0]))}>`;
    if (kind === "CELL") {
      const tape = Math.floor(values[0] / this.capacity.symbols);
      return `[${several ? `${tape + 1} ` : ""}${quoted(this.symbolName(values[0] % this.capacity.symbols))}]`;
    }
    if (kind === "SHIFT") return `<${values[0] % 2 ? "right" : "left"}${several ? ` ${1 + (values[0] >> 1)}` : ""}>`;
    return `<${kind.toLowerCase()}>`;
  }
}

function requireShort(machine, input, heads) {
  const parts = [...machine.rules.map(({ weight }) => weight || 1), ...input.map(({ length }) => length), ...heads.map(Math.abs)];
  const tokens = parts.reduce((sum, part) => sum + part, 2);
  if (tokens > LONGEST) {
    const [long, most] = [tokens, LONGEST].map((number) => number.toLocaleString("en-US"));
    throw new FitError(`The prompt would be ${long} tokens long; this page takes ${most} at most.`);
  }
}

function written({ state, read, next, write, moves }, sign) {
  const names = [state, ...read, ...write, next].map(quoted);
  const [first, last] = [names[0], names[names.length - 1]];
  const [seen, put] = [names.slice(1, 1 + read.length), names.slice(1 + read.length, -1)];
  if (names.every((name) => name.length === 1) && read.length === 1) return `${first}${seen}${sign}${put}${moves}${last}`;
  return `${first}/${seen.join(",")}${sign}${put.join(",")}/${moves.join(",")}/${last}`;
}
