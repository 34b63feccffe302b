// Text that is not ours, as it is shown: what would not be seen, or would turn the direction of writing, is spelled out.

// Characters without a shape, as in tm/text.py: controls, formats, separators, and letters and marks that are fillers.
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/u;
const ALL_UNSEEN = new RegExp(`${UNSEEN.source}|\\p{Zs}`, "gu");

// A name as it is shown: a space is seen, and so is what would not be.
export function visible(name) {
  return name.replace(ALL_UNSEEN, (character) => (character === " " ? "␣" : `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`));
}

// A text of several lines, such as a message about somebody else's, as it is shown.
export function spelledOut(text) {
  return text.split("\n").map((line) => line.replace(new RegExp(UNSEEN, "gu"), escaped)).join("\n");
}

// A name as a token's text has it: in quotes where it could be taken for something else, with nothing in it unseen.
export function quoted(name) {
  if (name === null) return "*";
  const plain = name && name !== "*" && name !== "->" && !/[\s,#":>/[\]]/.test(name) && !UNSEEN.test(name);
  if (plain) return name;
  const all = /[\p{C}\p{Z}]/u.test(name.replaceAll(" ", "")); // in ASCII then, as Python has it
  return JSON.stringify(name).replace(all ? /[^ -~]/gu : new RegExp(UNSEEN, "gu"), escaped);
}

function escaped(character) {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}
