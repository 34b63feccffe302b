// The four blocks as cards, in the order in which the token passes through them, each with the numbers of this very step:
// what is in the residual stream after the block, by the names of its directions, and what its heads attended to.

import { element, told } from "./dom.js";
import { visible } from "./text.js";

const SHARE = 0.005; // of the heaviest: tokens with less weight are not listed
const MOST = 6;

export class BlocksView {
  constructor(place, page) {
    this.place = place;
    this.page = page;
    this.column = new Map(page.directions.map((name, m) => [name, m]));
  }

  show(run, step, look) {
    this.run = run;
    this.look = look;
    const tapes = Array.from({ length: run.machine.tapes }, (_, i) => i + 1);
    const cards = [
      this.card("LOCATE", "Where is each head? The mean of all moves so far, times the number of tokens t.", tapes.map((i) => this.locate(i))),
      this.card("ADDRESS", "The squares of both cells, so that one dot product can compare them.", tapes.map((i) => this.address(i))),
      this.card("READ", "What is in the cell under the head? Attention finds the tokens that wrote there; what they posted adds up.", tapes.map((i) => this.read(i))),
      this.card("DECIDE", "What do the examples say? Attention finds those that match the state and what was read.", [this.decide()]),
    ];
    this.place.replaceChildren(...cards, this.next(step));
  }

  card(name, sentence, parts) {
    return element(
      "section",
      { class: `card ${name.toLowerCase()}` },
      element("h3", {}, name),
      element("p", { class: "says" }, sentence),
      ...parts,
    );
  }

  value(block, direction) {
    return this.look.stages[1 + block].stream[this.column.get(direction)];
  }

  cell(block, direction) {
    return this.value(block, direction) - this.page.constants.M;
  }

  line(...parts) {
    return element("p", { class: "numbers" }, ...parts);
  }

  of(i) {
    return this.run.machine.tapes > 1 ? `tape ${i}: ` : "";
  }

  locate(i) {
    const mean = this.value(0, `mean move ${i}`);
    const head = this.cell(0, `head ${i}`);
    return this.line(this.of(i), "mean move ", strong(told(mean)), ` × t = ${told(this.look.t)} → head on cell `, strong(told(head)));
  }

  address(i) {
    const [head, square] = [this.cell(0, `head ${i}`), this.value(1, `head ${i} squared`)];
    const [cell, other] = [this.cell(0, `cell ${i}`), this.value(1, `cell ${i} squared`)];
    return this.line(this.of(i), `head ${told(head)}, squared `, strong(told(square)), `; this token's own cell ${told(cell)}, squared ${told(other)}`);
  }

  read(i) {
    const attended = attendedBy(this.look.stages[3].heads[i - 1], this.run, this.look.t);
    const names = this.page.channels[2][i - 1];
    const ledger = new Map();
    const rows = attended.map(({ t, weight }) => {
      const posted = this.posted(2, i - 1, t, names, i);
      for (const [symbol, amount] of posted) ledger.set(symbol, (ledger.get(symbol) || 0) + amount);
      return { t, weight, what: posted.map(([symbol, amount]) => `${amount > 0 ? "+" : "−"}${told(Math.abs(amount))} for ${visible(symbol)}`).join(", ") || "nothing" };
    });
    const sum = [...ledger].filter(([, amount]) => amount).map(([symbol, amount]) => `${told(amount)} for ${visible(symbol)}`);
    const symbol = this.symbolRead(i);
    return element(
      "div",
      {},
      this.table(rows, "read"),
      this.line(this.of(i), "sum of the postings: ", strong(sum.join(", ") || "nothing"), " → reads ", strong(visible(symbol)), symbol === this.run.machine.blank ? " (blank)" : ""),
    );
  }

  // What a token adds to the ledger of its cell: the values that this head would read from it, by symbol.
  posted(block, head, t, names, tape) {
    const memory = this.run.memories[block][head];
    const { channels, numbers } = memory.values[memory.valueOf.at(t - 1)];
    return channels.map((c, k) => [names[c], numbers[k]]).flatMap(([name, amount]) => {
      const slot = new RegExp(`^found ${tape}\\[(\\d+)\\]$`).exec(name || "");
      return slot ? [[this.run.codec.symbolName(Number(slot[1])), amount]] : [];
    });
  }

  symbolRead(i) {
    const { codec } = this.run;
    const [slot] = [...Array(this.page.capacity.symbols).keys()].sort(
      (a, b) => this.value(2, `symbol ${i}[${b}]`) - this.value(2, `symbol ${i}[${a}]`),
    );
    return codec.symbolName(slot);
  }

  decide() {
    const attended = attendedBy(this.look.stages[4].heads[0], this.run, this.look.t);
    const rows = attended.map(({ t, weight }) => ({ t, weight, what: t === 1 ? "no example matches: stop" : "" }));
    const tokens = this.run.vocabulary.positive(this.look.logits, 100).filter(({ probability }) => probability > 1e-6);
    const shares = tokens.slice(0, MOST).map(({ probability }) => told(probability)).join(" : ");
    const several = tokens.length > 1 ? this.line("their actions are averaged: ", strong(shares), tokens.length > MOST ? " …" : "") : null;
    return element("div", {}, this.table(rows, "decide"), several);
  }

  table(rows, kind) {
    const body = rows.slice(0, MOST).map(({ t, weight, what }) =>
      element(
        "tr",
        {},
        element("td", { class: `token ${kind}` }, this.name(t)),
        element("td", { class: "weight" }, bar(weight), told(weight)),
        element("td", {}, what),
      ),
    );
    const more = rows.length > MOST ? [element("tr", {}, element("td", { colspan: 3 }, `… and ${rows.length - MOST} more`))] : [];
    const head = element("tr", {}, element("th", {}, "attends to"), element("th", {}, "weight"), element("th", {}, kind === "read" ? "posts" : ""));
    return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body, ...more));
  }

  name(t) {
    const { prompt, tokens, codec } = this.run;
    return t > prompt.length ? `step ${t - prompt.length}: ${codec.text(tokens[t - 1])}` : codec.text(tokens[t - 1]);
  }

  // The read-out: the likeliest tokens, and how far the first leads.
  next(step) {
    const { vocabulary, codec, tokens, prompt } = this.run;
    const top = vocabulary.top(this.look.logits, 4);
    const made = tokens[prompt.length + step];
    const scale = Math.max(1, ...top.map(({ logit }) => Math.abs(logit)));
    const rows = top.map(({ token, logit }) =>
      element(
        "tr",
        { class: made && token.join() === made.join() ? "made" : "" },
        element("td", { class: "token" }, codec.text(token)),
        element("td", { class: "weight" }, bar(Math.max(0, logit) / scale), told(logit)),
      ),
    );
    const lead = top.length > 1 ? top[0].logit - top[1].logit : Infinity;
    return this.card("next token", "Every token's logit; its probability is the logit, where that is positive.", [
      element("table", {}, element("tbody", {}, ...rows)),
      this.line("the first leads by ", strong(told(lead))),
    ]);
  }
}

// The tokens that a head attends to, the heaviest first; t counts from 1.
export function attendedBy(head, run, length) {
  const weights = [];
  let heaviest = 0;
  for (let t = 0; t < length; t++) heaviest = Math.max(heaviest, head.weightOf(t));
  for (let t = 0; t < length; t++) {
    const weight = head.weightOf(t);
    if (weight > 0 && weight >= SHARE * heaviest) weights.push({ t: t + 1, weight });
  }
  return weights.sort((a, b) => b.weight - a.weight || a.t - b.t);
}

const strong = (text) => element("strong", {}, text);

function bar(share) {
  return element("span", { class: "bar", "aria-hidden": "true" }, element("span", { style: { width: `${Math.round(100 * Math.min(1, share))}%` } }));
}
