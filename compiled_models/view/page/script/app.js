// The page: what is shown, and what is done when someone steps, plays, edits, breaks a weight or follows a link.

import { BlocksView } from "./blocks.js";
import { byId, element, told } from "./dom.js";
import { GraphView } from "./graph.js";
import { parseMachine } from "./notation.js";
import { givenHeads, givenInput, Run, typedInput } from "./run.js";
import { fingerprint } from "./sha256.js";
import { SpacetimeView } from "./spacetime.js";
import { TapeView } from "./tape.js";
import { spelledOut, visible } from "./text.js";
import { TokensView } from "./tokens.js";
import { Transformer } from "./transformer.js";
import { Vocabulary } from "./vocabulary.js";

const SLICE = 24; // milliseconds of generating at a time
const AFTER = 32; // steps that are generated after the first wrong token
const AGAIN = 400; // milliseconds between two drawings of a run that grows
const page = JSON.parse(byId("page-data").textContent);
const vocabulary = new Vocabulary(page.vocabulary);
const original = new Transformer(page.network);
const state = { run: null, step: 0, network: original, playing: null, broken: null, shown: -Infinity };

const views = {
  tape: new TapeView(byId("stage")),
  graph: new GraphView(byId("graph")),
  blocks: new BlocksView(byId("blocks"), page),
  tokens: new TokensView(byId("tokens"), (step) => go(step)),
  spacetime: new SpacetimeView(byId("spacetime"), (step) => go(step)),
};

// -- running ------------------------------------------------------------------------------------------------------------

function start({ text, input, heads, seed, steps, step }) {
  stop();
  const machine = parseMachine(text);
  const tapes = Array.isArray(input) ? givenInput(machine, input) : typedInput(machine, input);
  const cells = givenHeads(machine, heads);
  const drawn = machine.rules.some(({ weight }) => weight !== null);
  const run = new Run(state.network, vocabulary, page.capacity, { machine, input: tapes, heads: cells, seed: drawn ? (seed ?? 1) : null });
  Object.assign(state, { run, step: 0, asked: step || 0, source: { text, input, heads, seed, steps: steps || page.steps } });
  const right = state.broken ? new Run(original, vocabulary, page.capacity, run) : null;
  Object.assign(state, { limit: state.source.steps, right, wrong: null });
  byId("machine-name").textContent = machine.name ? visible(machine.name) : "a machine";
  document.title = `${machine.name ? visible(machine.name) : "a machine"} · tapehead`;
  views.graph.draw(machine);
  generate(run);
}

// In slices, so that the page stays alive while a long run is generated.
function generate(run) {
  if (run !== state.run) return;
  run.generate(state.limit, performance.now() + SLICE);
  if (state.broken) compare(run);
  const done = run.over(state.limit);
  byId("jump").max = run.steps;
  if (state.asked && (done || run.steps >= state.asked)) [state.step, state.asked] = [state.asked, 0];
  if (done || performance.now() - state.shown > AGAIN) show();
  if (done) finished(run);
  else setTimeout(() => generate(run));
}

function finished(run) {
  document.body.dataset.done = "yes";
  byId("broken").hidden = !state.broken;
  if (state.broken) tellOfBroken(run);
}

// -- showing ------------------------------------------------------------------------------------------------------------

function show() {
  const { run } = state;
  const step = (state.step = Math.min(Math.max(0, state.step), run.steps));
  state.shown = performance.now();
  const look = run.look(step);
  const now = run.tapes.at(step);
  views.tape.show(run, step);
  views.graph.show(now.state, step > 0 ? run.tapes.moves[step - 1].state : null);
  views.blocks.show(run, step, look);
  views.tokens.show(run, step, look);
  views.spacetime.show(run, step);
  byId("status").replaceChildren(...status(run, step, now));
  byId("jump").value = step;
  byId("total").textContent = run.steps.toLocaleString("en-US");
  for (const [id, on] of [["first", step > 0], ["back", step > 0], ["forward", step < run.steps], ["last", step < run.steps]]) byId(id).disabled = !on;
}

function status(run, step, now) {
  const read = now.heads.map((cell, tape) => visible(now.read(tape, cell))).join(", ");
  const place = element("span", { class: "pill" }, visible(now.state));
  const made = run.tokens[run.prompt.length + step];
  if (!made) return ["In state ", place, `, reading ${read}.`, run.stuck ? " The logits are no numbers: no token is generated." : run.stopped ? "" : " The step limit is reached."];
  const text = element("code", { class: "generated" }, run.codec.text(made));
  if (vocabulary.parse(made).kind !== "STEP") {
    const verdict = { accepted: "accepted", rejected: "rejected", halted: "it halts", strange: "no step, and no end of a run," }[run.verdict()];
    return ["In state ", place, `, reading ${read}, the network generates `, text, `: ${verdict} after ${told(run.steps)} step${run.steps === 1 ? "" : "s"}.`];
  }
  return ["In state ", place, `, reading ${read}, the network generates `, text, "."];
}

function go(step) {
  [state.step, state.asked] = [Math.round(step), 0];
  show();
}

// -- playing ------------------------------------------------------------------------------------------------------------

function play() {
  if (state.playing) return stop();
  if (state.step >= state.run.steps) state.step = 0;
  byId("play").textContent = "❚❚";
  byId("play").setAttribute("aria-label", "Pause");
  const tick = () => {
    const perSecond = 2 ** Number(byId("speed").value);
    const stride = Math.max(1, Math.round(perSecond / 30)); // faster than the screen: several steps at once
    go(Math.min(state.step + stride, state.run.steps));
    if (state.step >= state.run.steps) stop();
    else state.playing = setTimeout(tick, (1000 * stride) / perSecond);
  };
  state.playing = setTimeout(tick, 150);
}

function stop() {
  clearTimeout(state.playing);
  state.playing = null;
  byId("play").textContent = "▶";
  byId("play").setAttribute("aria-label", "Play");
}

// -- editing ------------------------------------------------------------------------------------------------------------

function edit(request) {
  try {
    start(request);
    byId("errors").textContent = "";
    byId("machine-text").value = request.text;
    byId("machine-input").value = typeof request.input === "string" ? request.input : asTyped(request.input);
    return true;
  } catch (error) {
    byId("errors").textContent = spelledOut(error.message);
    return false;
  }
}

function asTyped(tapes) {
  const plain = tapes.flat().every((name) => [...name].length === 1);
  return plain ? tapes.map((tape) => tape.join("")).join(",") : JSON.stringify(tapes.length > 1 ? tapes : tapes[0]);
}

function fromForm() {
  const { heads, input } = state.source;
  const same = byId("machine-input").value === (typeof input === "string" ? input : asTyped(input));
  return { text: byId("machine-text").value, input: same ? input : byId("machine-input").value, heads: same && heads?.some(Boolean) ? heads : null, seed: wholeNumber(byId("seed").value, 1) };
}

function fillLibrary() {
  for (const { name, fits } of page.library) {
    byId("library").append(element("option", { value: name, disabled: !fits }, fits ? name : `${name} (needs a larger network)`));
  }
  byId("library").addEventListener("change", (event) => {
    const chosen = page.library.find(({ name }) => name === event.target.value);
    if (chosen) edit(chosen);
  });
}

// -- links --------------------------------------------------------------------------------------------------------------

function link() {
  const { text, input, heads, seed } = state.source;
  const url = new URL(location.href);
  url.hash = encodeURIComponent(JSON.stringify({ text, input, heads, seed, step: state.step }));
  return url.href;
}

function fromLink() {
  if (location.hash.length < 2) return null;
  try {
    const { text, input, heads, seed, step } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    if (typeof text !== "string" || !(typeof input === "string" || Array.isArray(input))) return null;
    return { text, input, heads: Array.isArray(heads) ? heads : null, seed: wholeNumber(seed, 1), step: wholeNumber(step, 0) };
  } catch {
    return null;
  }
}

function wholeNumber(text, otherwise) {
  const number = Math.round(Number(text));
  return text !== "" && number >= 0 && Number.isSafeInteger(number) ? number : otherwise;
}

async function share() {
  history.replaceState(null, "", link());
  let copied = false;
  try {
    await navigator.clipboard.writeText(location.href);
    copied = true;
  } catch {
    copied = false; // no permission: the address bar has it
  }
  byId("shared").textContent = copied ? "The link is copied." : "The link is in the address bar.";
}

// -- breaking a weight --------------------------------------------------------------------------------------------------

function fillWeights() {
  page.entries.forEach(({ tensor, source, target, number }, i) => {
    byId("weight").append(element("option", { value: i }, `${tensor}: ${source} → ${target} = ${told(number)}`));
  });
  byId("weight").addEventListener("change", describe);
  describe();
}

function describe() {
  const entry = page.entries[Number(byId("weight").value)];
  byId("because").textContent = page.sentences[entry.because];
  byId("value").value = entry.number === 0 ? 1 : 0;
}

function breakWeight() {
  const entry = page.entries[Number(byId("weight").value)];
  const number = Number(byId("value").value);
  if (!Number.isFinite(number)) return;
  state.network = original.changed(entry.tensor, entry.place, number);
  state.broken = { entry, number };
  start(state.source);
  showHash();
}

function mend() {
  Object.assign(state, { network: original, broken: null });
  start(state.source);
  showHash();
}

// Find the first token that the changed network gets wrong, by the original one at its side; soon after it, it may stop.
function compare(run) {
  const { right } = state;
  right.generate(run.steps + 1);
  const [one, other] = [run, right].map(({ tokens, prompt }) => tokens.slice(prompt.length));
  let first = one.findIndex((token, i) => !other[i] || token.join() !== other[i].join());
  if (first < 0 && run.stuck) first = one.length;
  if (state.wrong === null && first >= 0) {
    state.wrong = { number: first, token: one[first] || null, expected: other[first] || null };
    state.limit = Math.min(state.limit, first + AFTER);
  }
}

function tellOfBroken(run) {
  const { entry, number } = state.broken;
  const change = `${entry.tensor}: ${entry.source} → ${entry.target} is ${told(number)} instead of ${told(entry.number)}. `;
  if (state.wrong === null) {
    byId("broken").replaceChildren(change, "No token of this run is another: this run does not need that weight.");
    return;
  }
  const { number: first, token, expected } = state.wrong;
  const right = expected ? run.codec.text(expected) : "nothing more";
  const wrong = token ? element("code", {}, run.codec.text(token)) : "none, since the logits are no numbers";
  byId("broken").replaceChildren(change, `The first wrong token is number ${first + 1}: `, wrong, ", expected ", element("code", {}, right), ".");
  go(Math.min(first, run.steps));
}

function showHash() {
  const hash = fingerprint(state.network.description);
  const same = hash === page.sha256;
  byId("hash").textContent = hash;
  byId("hash").title = same ? "The same weights as in Python, whatever machine runs" : "Other weights than those that were set by hand";
  byId("hash").classList.toggle("changed", !same);
  byId("hash-says").textContent = same ? "unchanged, whatever machine you run" : "changed: these are no longer the weights that were set by hand";
}

// -- the beginning ------------------------------------------------------------------------------------------------------

function listen() {
  const actions = {
    first: () => go(0),
    back: () => go(state.step - 1),
    play,
    forward: () => go(state.step + 1),
    last: () => go(state.run.steps),
    share,
    "zoom-in": () => views.spacetime.zoomTo(views.spacetime.zoom * 2, state.step),
    "zoom-out": () => views.spacetime.zoomTo(views.spacetime.zoom / 2, state.step),
    break: breakWeight,
    mend,
  };
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
  byId("jump").addEventListener("change", (event) => go(Math.round(Number(event.target.value)) || 0));
  byId("editor").addEventListener("submit", (event) => {
    event.preventDefault();
    edit(fromForm());
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { ArrowLeft: actions.back, ArrowRight: actions.forward, Home: actions.first, End: actions.last };
    if (event.key === " " && !event.target.closest("button, summary, a")) play();
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  });
  window.addEventListener("resize", () => views.spacetime.draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => views.spacetime.draw());
  window.addEventListener("hashchange", () => open(fromLink()));
}

function open(request) {
  if (request) edit(request);
}

function begin() {
  fillLibrary();
  fillWeights();
  listen();
  showHash();
  const linked = fromLink();
  if (linked && edit(linked)) return;
  const wrong = byId("errors").textContent;
  edit(page.first);
  if (linked) byId("errors").textContent = `The link's machine cannot be run: ${wrong}`;
}

begin();
// For tests, and for whoever opens the console: the page's state and all that it is made of.
window.tapehead = { state, page, vocabulary, go, edit };
