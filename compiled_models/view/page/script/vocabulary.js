// Tokens: a token is a kind and its fields, each a row of the embedding; row 0 is "no field".

export class Vocabulary {
  // kinds: [[name, [[field, [label, ...]], ...]], ...], numbered row by row.
  constructor(kinds) {
    this.names = ["(no field)"];
    this.kinds = kinds.map(([name, fields]) => {
      const row = this.number([name]);
      return {
        name,
        row,
        fields: fields.map(([field, labels]) => ({
          name: field,
          labels,
          first: this.number(labels.map((label) => `${name}.${field}[${label}]`)),
        })),
      };
    });
    this.byRow = new Map(this.kinds.map((kind) => [kind.row, kind]));
    this.byName = new Map(this.kinds.map((kind) => [kind.name, kind]));
    this.width = 1 + Math.max(...this.kinds.map((kind) => kind.fields.length));
  }

  number(names) {
    const first = this.names.length;
    this.names.push(...names);
    return first;
  }

  token(name, ...values) {
    const kind = this.byName.get(name);
    const rows = [kind.row, ...kind.fields.map((field, i) => field.first + values[i])];
    while (rows.length < this.width) rows.push(0);
    return rows;
  }

  parse(token) {
    const kind = this.byRow.get(token[0]);
    return { kind: kind.name, values: kind.fields.map((field, i) => token[i + 1] - field.first) };
  }

  // The token with the largest logit: greedy decoding. What ties is taken in the order of the rows.
  best(logits) {
    let best = null;
    let score = -Infinity;
    for (const kind of this.kinds) {
      const rows = [kind.row, ...kind.fields.map((field) => largest(logits, field))];
      const sum = rows.reduce((total, row) => total + logits[row], 0);
      if (sum > score) [best, score] = [rows, sum];
    }
    return best === null ? null : this.padded(best);
  }

  padded(rows) {
    return [...rows, ...Array(this.width - rows.length).fill(0)];
  }

  // Every token with a positive logit and its probability relu(logit), in the order of the rows: the first `most` of them,
  // for changed weights may make millions of tokens likely.
  positive(logits, most = 10_000) {
    const tokens = [];
    for (const kind of this.kinds) {
      const rest = [0]; // the most that the fields from here on can add
      for (const field of [...kind.fields].reverse()) rest.unshift(rest[0] + logits[largest(logits, field)]);
      this.extend([kind.row], logits[kind.row], kind.fields, rest, logits, tokens, most);
    }
    return tokens;
  }

  extend(rows, score, fields, rest, logits, tokens, most) {
    if (!(score + rest[0] > 0) || tokens.length === most) return;
    if (!fields.length) {
      tokens.push({ token: this.padded(rows), probability: score });
      return;
    }
    const [field, ...others] = fields;
    for (let row = field.first; row < field.first + field.labels.length; row++) {
      this.extend([...rows, row], score + logits[row], others, rest.slice(1), logits, tokens, most);
    }
  }

  // The `most` likeliest tokens with their logits, the best first: of each kind its best token, and those that differ
  // from the best token in one field.
  top(logits, most) {
    const tokens = new Map();
    const put = (rows) => {
      const token = this.padded(rows);
      tokens.set(token.join(), { token, logit: rows.reduce((total, row) => total + logits[row], 0) });
    };
    for (const kind of this.kinds) {
      const rows = [kind.row, ...kind.fields.map((field) => largest(logits, field))];
      put(rows);
      kind.fields.forEach((field, i) => {
        for (let label = 0; label < field.labels.length; label++) {
          put(rows.map((row, at) => (at === i + 1 ? field.first + label : row)));
        }
      });
    }
    return [...tokens.values()].sort((a, b) => b.logit - a.logit).slice(0, most);
  }
}

function largest(logits, field) {
  let row = field.first;
  for (let r = field.first + 1; r < field.first + field.labels.length; r++) if (logits[r] > logits[row]) row = r;
  return row;
}
