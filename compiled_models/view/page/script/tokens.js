// The context as a line of chips: examples, input, run. Arcs lead from the newest token to those that READ and DECIDE
// attend to, as wide as the attention weight. Of long contexts only the chips that matter are shown.

import { attendedBy } from "./blocks.js";
import { element, svg, told } from "./dom.js";

const AROUND = 12; // newest tokens that are always shown
const EXAMPLES = 40; // examples that are shown without a gap

export class TokensView {
  constructor(place, choose) {
    this.place = place;
    this.choose = choose;
    new ResizeObserver(() => this.arcs()).observe(place);
  }

  show(run, step, look) {
    const length = look.t;
    this.attended = [];
    for (let i = 0; i < run.machine.tapes; i++) {
      for (const each of attendedBy(look.stages[3].heads[i], run, length)) this.attended.push({ ...each, kind: "read" });
    }
    for (const each of attendedBy(look.stages[4].heads[0], run, length)) this.attended.push({ ...each, kind: "decide" });
    this.attended = heaviest(this.attended, 24);
    const marked = new Map(this.attended.map(({ t, kind }) => [t, kind]));
    const seen = (t) => t <= EXAMPLES || t > length - AROUND || marked.has(t) || t === run.prompt.length;
    const chips = [];
    let hidden = 0;
    this.chips = new Map();
    for (let t = 1; t <= length; t++) {
      if (!seen(t)) {
        hidden += 1;
        continue;
      }
      if (hidden) chips.push(element("li", { class: "gap" }, `… ${hidden.toLocaleString("en-US")} more`));
      hidden = 0;
      const chip = this.chip(run, t, marked.get(t), t === length);
      this.chips.set(t, chip);
      chips.push(chip);
    }
    const made = run.tokens[length];
    if (made) chips.push(element("li", { class: "chip generated" }, run.codec.text(made)));
    this.last = chips[chips.length - 1];
    this.lines = svg("svg", { class: "arcs", "aria-hidden": "true" });
    this.place.replaceChildren(this.lines, element("ol", { class: "chips" }, ...chips));
    this.arcs();
  }

  chip(run, t, kind, newest) {
    const step = t - run.prompt.length;
    const what = step > 0 ? "run" : this.part(run, t);
    const classes = ["chip", what, kind && `attended-${kind}`, newest && "newest"].filter(Boolean).join(" ");
    const text = run.codec.text(run.tokens[t - 1]);
    if (step <= 0) return element("li", { class: classes }, text);
    const go = element("button", { type: "button", title: `step ${step}`, onclick: () => this.choose(step) }, text);
    return element("li", { class: classes }, go);
  }

  part(run, t) {
    const { kind } = run.vocabulary.parse(run.tokens[t - 1]);
    return kind === "EXAMPLE" ? "example" : "input";
  }

  arcs() {
    if (!this.lines || !this.last) return;
    const box = this.place.getBoundingClientRect();
    const middle = (chip) => {
      const { left, right, top } = chip.getBoundingClientRect();
      return [(left + right) / 2 - box.left + this.place.scrollLeft, top - box.top + this.place.scrollTop];
    };
    const [x2, y2] = middle(this.last);
    this.lines.setAttribute("width", this.place.scrollWidth);
    this.lines.setAttribute("height", this.place.scrollHeight);
    this.lines.replaceChildren(
      ...this.attended.filter(({ t }) => this.chips.has(t)).map(({ t, kind, weight }) => {
        const [x1, y1] = middle(this.chips.get(t));
        const lift = Math.min(70, 18 + Math.abs(x2 - x1) / 10);
        const top = Math.max(4, Math.min(y1, y2) - lift);
        const d = `M${x2},${y2 - 1}C${x2},${top} ${x1},${top} ${x1},${y1 - 1}`;
        return svg("path", { class: kind, d, "stroke-width": (0.8 + 4 * weight).toFixed(2) }, svg("title", {}, told(weight)));
      }),
    );
  }
}

function heaviest(list, most) {
  return [...list].sort((a, b) => b.weight - a.weight).slice(0, most);
}
