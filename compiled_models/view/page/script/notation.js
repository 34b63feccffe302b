// Machines as text, in this library's own notation: headers, then one rule a line. What is wrong is told by line.

const HEADERS = new Set([
  "machine", "blank", "start", "accept", "reject", "tapes", "states", "symbols", "nondeterministic", "unknown",
]);
const MOVES = ["L", "S", "R"];
const MOST_TAPES = 16;
const MOST_RULES = 20_000; // that patterns stand for

export class NotationError extends Error {
  constructor(problems) {
    super(problems.map(({ line, message }) => (line ? `line ${line}: ${message}` : message)).join("\n"));
    this.problems = problems;
  }
}

// The machine of a text: { name, blank, start, accept, reject, tapes, states, symbols, rules, decides }.
// A rule: { state, read: [...], next, write: [...], moves: [...], weight }.
export function parseMachine(text) {
  const problems = [];
  const headers = {};
  const patterns = [];
  text.split(/\r\n|\r|\n/).forEach((source, i) => {
    const line = i + 1;
    const problem = (message) => problems.push({ line, message });
    const header = /^\s*([a-z]+)\s*:(?=\s|$)(.*)$/.exec(source);
    if (header && HEADERS.has(header[1]) && !/^[^#"]*\s->\s/.test(source)) {
      if (header[1] === "machine") headers.machine = [bare(header[2].replace(/#.*$/, "").trim() || "")];
      else headers[header[1]] = fields(header[2], problem).map(([name]) => name);
      return;
    }
    const row = fields(source, problem);
    if (row.length) patterns.push({ line, row, problem });
  });
  const tapes = headers.tapes ? Number(headers.tapes[0]?.text) : tapesOf(patterns);
  if (!(Number.isInteger(tapes) && tapes > 0 && tapes <= MOST_TAPES)) problems.push({ line: 0, message: `tapes: a number, such as 2, and at most ${MOST_TAPES}` });
  const read = patterns.map((pattern) => patternOf(pattern, tapes)).filter(Boolean);
  if (problems.length) throw new NotationError(problems);
  return assembled(headers, read, tapes);
}

// The words of a line, each a list of names joined by commas: { text, quoted }.
function fields(source, problem) {
  const row = [];
  let at = 0;
  let word = null;
  while (at < source.length) {
    const character = source[at];
    if (character === "#") break;
    if (/\s/.test(character)) {
      [word, at] = [null, at + 1];
      continue;
    }
    if (!word) row.push((word = []));
    if (character === ",") {
      at += 1;
      continue;
    }
    if (character === '"') {
      const end = /^"(?:[^"\\]|\\.)*"/.exec(source.slice(at));
      if (!end) {
        problem('a name in quotes has no end: expected a second "');
        return [];
      }
      try {
        word.push({ text: JSON.parse(end[0]), quoted: true });
      } catch {
        problem(`${end[0]} is no JSON string`);
        return [];
      }
      at += end[0].length;
      continue;
    }
    const [name] = /^[^\s,#]+/.exec(source.slice(at));
    word.push({ text: name, quoted: false });
    at += name.length;
  }
  return row;
}

function bare(text) {
  try {
    return { text: text.startsWith('"') ? JSON.parse(text) : text, quoted: false };
  } catch {
    return { text, quoted: false };
  }
}

function tapesOf(patterns) {
  const first = patterns.find(({ row }) => row.length > 1);
  return first ? first.row[1].length : 1;
}

const isWildcard = ({ text, quoted }) => text === "*" && !quoted;
const isArrow = (word) => word && word.length === 1 && word[0].text === "->" && !word[0].quoted;

function patternOf({ line, row, problem }, tapes) {
  const weighted = row.length === 8 && row[6].length === 1 && row[6][0].text === "x";
  if (!isArrow(row[2]) || !(row.length === 6 || weighted)) {
    problem("no rule and no header; expected: state symbol -> state symbol move");
    return null;
  }
  const [[state], read, , [next], write, moved] = row;
  for (const [what, list] of [["symbols read", read], ["symbols written", write], ["moves", moved]]) {
    if (list.length !== tapes) problem(`${list.length} ${what}, expected ${tapes}, one for each tape`);
  }
  const moves = moved.map(({ text }) => text);
  if (!moves.every((move) => MOVES.includes(move))) problem("no such move; expected L, S or R");
  const weight = weighted ? Number(row[7][0].text) : null;
  if (weighted && !(Number.isInteger(weight) && weight > 0)) problem("a weight is a positive integer, such as x 3");
  for (const name of [...read, ...write]) if (name.text === "") problem('"" (symbols that no rule names) is not for this page: give a rule for each symbol');
  if (write.some(isWildcard) || isWildcard(next)) problem("* stands only where a rule reads");
  return {
    line,
    state: isWildcard(state) ? null : state.text,
    read: read.map((name) => (isWildcard(name) ? null : name.text)),
    next: next.text,
    write: write.map(({ text }) => text),
    moves,
    weight,
  };
}

function assembled(headers, patterns, tapes) {
  const list = (name) => (headers[name] || []).map(({ text }) => text);
  const [blank = "_"] = list("blank");
  const accept = list("accept");
  const reject = (headers.reject || []).filter((name) => !isWildcard(name)).map(({ text }) => text);
  const decides = (headers.reject || []).some(isWildcard);
  const start = list("start")[0] ?? patterns.find(({ state }) => state !== null)?.state;
  if (start === undefined) throw new NotationError([{ line: 0, message: "a machine needs a start state: give a rule" }]);
  const final = new Set([...accept, ...reject]);
  const named = patterns.flatMap(({ state, next }) => [state, next]).filter((name) => name !== null);
  const used = patterns.flatMap(({ read, write }) => [...read, ...write]).filter((name) => name !== null);
  const ruled = [...new Set([start, ...list("states"), ...named])].filter((name) => !final.has(name));
  const known = [...new Set([blank, ...list("symbols"), ...used])];
  const nondeterministic = headers.nondeterministic?.[0]?.text === "yes";
  const rules = merged(expanded(patterns, ruled, known), final, nondeterministic);
  const mentioned = rules.flatMap(({ state, next }) => [state, next]);
  const symbols = rules.flatMap(({ read, write }) => [...read, ...write]);
  return {
    name: list("machine")[0] || "",
    blank,
    start,
    accept,
    reject,
    decides,
    tapes,
    nondeterministic,
    rejectsUnknown: headers.unknown?.[0]?.text === "reject",
    rules,
    states: [...new Set([start, ...mentioned, ...accept, ...reject, ...list("states")])],
    symbols: [...new Set([blank, ...symbols, ...list("symbols")])],
  };
}

// The rules that the patterns stand for: one gives way where another matches that names all that it names and more.
function* expanded(patterns, states, symbols) {
  for (const pattern of patterns) {
    const choices = [pattern.state === null ? states : [pattern.state]];
    for (const symbol of pattern.read) choices.push(symbol === null ? symbols : [symbol]);
    for (const [state, ...read] of everyOne(choices)) {
      const names = [state, ...read];
      const key = [pattern.state, ...pattern.read];
      const beaten = patterns.some((other) => {
        const theirs = [other.state, ...other.read];
        return (
          theirs.some((name, i) => name !== key[i]) &&
          theirs.every((name, i) => name === null || name === names[i]) &&
          key.every((name, i) => name === null || name === theirs[i])
        );
      });
      if (!beaten) yield { ...pattern, state, read };
    }
  }
}

function* everyOne([first, ...rest]) {
  if (!first) yield [];
  else for (const one of first) for (const others of everyOne(rest)) yield [one, ...others];
}

// Equal rules are one, their weights added. Of a nondeterministic machine every action of a situation weighs the same.
function merged(rules, final, nondeterministic) {
  const problems = [];
  const bySituation = new Map();
  const byAction = new Map();
  let count = 0;
  for (const rule of rules) {
    if (++count > MOST_RULES) throw new NotationError([{ line: 0, message: `the rules with * stand for more than ${MOST_RULES.toLocaleString("en-US")} rules` }]);
    const situation = JSON.stringify([rule.state, rule.read]);
    const action = JSON.stringify([situation, rule.next, rule.write, rule.moves]);
    const first = bySituation.get(situation);
    if (final.has(rule.state)) problems.push({ line: rule.line, message: `a machine halts in ${rule.state}: it has no rule` });
    const same = byAction.get(action);
    if (same) {
      if (rule.weight !== null) same.weight = (same.weight || 0) + rule.weight;
      continue;
    }
    if (first && nondeterministic) first.weight = rule.weight = 1;
    if (first && (first.weight === null || rule.weight === null)) {
      problems.push({ line: rule.line, message: `a second rule for ${rule.state} ${rule.read.join(",")}; keep one, or weigh both (x 1)` });
    }
    if (!first) bySituation.set(situation, rule);
    byAction.set(action, rule);
  }
  if (problems.length) throw new NotationError(problems);
  return [...byAction.values()];
}
