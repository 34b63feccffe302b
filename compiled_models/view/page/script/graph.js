// The machine as a graph: states as circles, the rules between two states as one arrow with their labels. The live state
// and the rule that was taken last are marked.

import { svg } from "./dom.js";
import { layout } from "./layout.js";
import { visible } from "./text.js";

const UNIT = 140; // pixels between states that are one step apart
const RADIUS = 25;
const MOST_LABELS = 4;

export class GraphView {
  constructor(place) {
    this.place = place;
  }

  draw(machine) {
    const arrows = merged(machine);
    const names = machine.states;
    const spots = layout(names, [...arrows.values()].map(({ from, to }) => [from, to]));
    this.at = new Map(names.map((name, i) => [name, spots[i].map((x) => UNIT * x)]));
    this.start = machine.start;
    this.neighbours = new Map(names.map((name) => [name, []]));
    for (const { from, to } of arrows.values()) {
      if (from === to) continue;
      this.neighbours.get(from).push(to);
      this.neighbours.get(to).push(from);
    }
    this.arrows = new Map();
    this.circles = new Map();
    const lines = [...arrows].map(([key, arrow]) => this.arrow(key, arrow, arrows.has(pair(arrow.to, arrow.from))));
    const states = names.map((name) => this.state(machine, name));
    const picture = svg("svg", { role: "img", "aria-label": spoken(machine) }, marker(), ...lines, ...states);
    this.place.replaceChildren(picture);
    const box = picture.getBBox ? picture.getBBox() : { x: 0, y: 0, width: 1, height: 1 };
    picture.setAttribute("viewBox", `${box.x - 14} ${box.y - 14} ${box.width + 28} ${box.height + 28}`);
    picture.style.setProperty("max-width", `${1.5 * (box.width + 28)}px`);
  }

  state(machine, name) {
    const [x, y] = this.at.get(name);
    const kind = machine.accept.includes(name) ? "accept" : machine.reject.includes(name) ? "reject" : "";
    const text = visible(name);
    const size = Math.min(15, Math.max(7, 74 / Math.max(4, text.length)));
    const group = svg(
      "g",
      { class: `state ${kind}` },
      svg("circle", { cx: x, cy: y, r: RADIUS }),
      kind === "accept" ? svg("circle", { class: "inner", cx: x, cy: y, r: RADIUS - 4 }) : null,
      name === machine.start ? svg("path", { class: "arrow", d: `M${x - RADIUS - 26},${y}L${x - RADIUS - 3},${y}`, "marker-end": "url(#tip)" }) : null,
      svg("text", { x, y, "font-size": size, "text-anchor": "middle", "dominant-baseline": "central" }, text.length > 16 ? `${text.slice(0, 15)}…` : text),
      svg("title", {}, text),
    );
    this.circles.set(name, group);
    return group;
  }

  arrow(key, { from, to, labels }, bent) {
    const [x1, y1] = this.at.get(from);
    const [x2, y2] = this.at.get(to);
    const shown = labels.length > MOST_LABELS ? [...labels.slice(0, MOST_LABELS - 1), `… ${labels.length - MOST_LABELS + 1} more`] : labels;
    let path;
    let [lx, ly, anchor] = [0, 0, "middle"];
    if (from === to) {
      const out = this.freest(from);
      const [a, b] = [out - 0.5, out + 0.5];
      const far = RADIUS + 62;
      const point = (angle, r) => `${x1 + r * Math.cos(angle)},${y1 + r * Math.sin(angle)}`;
      path = `M${point(a, RADIUS)}C${point(out - 0.55, far)} ${point(out + 0.55, far)} ${point(b, RADIUS + 4)}`;
      [lx, ly] = [x1 + (RADIUS + 50) * Math.cos(out), y1 + (RADIUS + 50) * Math.sin(out)];
      anchor = Math.cos(out) > 0.4 ? "start" : Math.cos(out) < -0.4 ? "end" : "middle";
      if (anchor === "middle") ly += Math.sign(Math.sin(out)) * 7 * shown.length;
    } else {
      const length = Math.hypot(x2 - x1, y2 - y1) || 1;
      const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
      const bend = bent ? Math.min(46, 0.22 * length) : 0;
      const [mx, my] = [(x1 + x2) / 2 + bend * uy, (y1 + y2) / 2 - bend * ux];
      const edge = (x, y, gap) => {
        const d = Math.hypot(mx - x, my - y) || 1;
        return [x + ((mx - x) * gap) / d, y + ((my - y) * gap) / d];
      };
      const [sx, sy] = edge(x1, y1, RADIUS);
      const [ex, ey] = edge(x2, y2, RADIUS + 4);
      path = `M${sx},${sy}Q${mx},${my} ${ex},${ey}`;
      [lx, ly] = [(sx + 2 * mx + ex) / 4 + 13 * uy, (sy + 2 * my + ey) / 4 - 13 * ux];
      anchor = uy > 0.5 ? "start" : uy < -0.5 ? "end" : "middle";
      if (anchor === "middle") ly -= Math.sign(ux) * 6 * (shown.length - 1);
    }
    const text = shown.map((label, i) => svg("tspan", { x: lx, y: ly + 13 * (i - (shown.length - 1) / 2) }, label));
    const group = svg(
      "g",
      { class: "rules" },
      svg("path", { class: "arrow", d: path, "marker-end": "url(#tip)" }),
      svg("text", { "text-anchor": anchor, "dominant-baseline": "central" }, ...text),
      svg("title", {}, labels.join("\n")),
    );
    this.arrows.set(key, group);
    return group;
  }

  // The way, of eight, on which a state has most room for a loop.
  freest(name) {
    const [x, y] = this.at.get(name);
    const taken = this.neighbours.get(name).map((other) => Math.atan2(this.at.get(other)[1] - y, this.at.get(other)[0] - x));
    if (name === this.start) taken.push(Math.PI);
    const room = (angle) => Math.min(4, ...taken.map((other) => Math.abs(Math.atan2(Math.sin(angle - other), Math.cos(angle - other)))));
    const ways = [-2, 2, -1, -3, 1, 3, 0, 4].map((eighth) => (eighth * Math.PI) / 4);
    return ways.reduce((best, angle) => (room(angle) > room(best) + 0.3 ? angle : best));
  }

  // Mark the state that the machine is in, and the arrow by which it came there.
  show(state, from) {
    for (const [name, group] of this.circles) group.classList.toggle("live", name === state);
    for (const [key, group] of this.arrows) group.classList.toggle("taken", from !== null && key === pair(from, state));
  }
}

const pair = (from, to) => JSON.stringify([from, to]);

// One arrow for all rules between two states; rules that keep what they read, or write the same, share a label.
function merged(machine) {
  const arrows = new Map();
  for (const { state, read, next, write, moves, weight } of machine.rules) {
    const key = pair(state, next);
    if (!arrows.has(key)) arrows.set(key, { from: state, to: next, groups: new Map() });
    const { groups } = arrows.get(key);
    const kept = read.every((name, i) => name === write[i]);
    const effect = JSON.stringify([kept ? null : write, moves, weight]);
    if (!groups.has(effect)) groups.set(effect, { reads: [], write: kept ? null : write, moves, weight });
    groups.get(effect).reads.push(read.map(visible).join(" "));
  }
  for (const arrow of arrows.values()) {
    arrow.labels = [...arrow.groups.values()].map(({ reads, write, moves, weight }) => {
      const put = write === null ? "" : ` → ${write.map(visible).join(" ")}`;
      return `${reads.join(", ")}${put} · ${moves.map((move) => ({ L: "←", S: "•", R: "→" })[move]).join(" ")}${weight === null ? "" : ` × ${weight}`}`;
    });
  }
  return arrows;
}

function spoken(machine) {
  return `State graph: ${machine.states.length} states, ${machine.rules.length} rules, start state ${visible(machine.start)}`;
}

function marker() {
  const tip = svg("path", { d: "M0,0L8,4L0,8z" });
  return svg("defs", {}, svg("marker", { id: "tip", markerWidth: 9, markerHeight: 8, refX: 5, refY: 4, orient: "auto", markerUnits: "userSpaceOnUse" }, tip));
}
