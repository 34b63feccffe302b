// Elements of the page. Text that comes from a machine goes in as text nodes only, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

export function svg(name, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, name), properties, children);
}

function filled(node, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") Object.entries(value).forEach(([name, said]) => node.style.setProperty(name, said));
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

// A number as people read it: whole ones in full, if they are not too long, others to four digits.
export function told(number) {
  if (!Number.isFinite(number)) return "not a number";
  if (number && Math.abs(number) < 1e-6) return "≈ 0";
  if (Math.abs(number) >= 1e15) return number.toExponential(3).replace("e+", "e").replace("-", "−");
  if (Number.isInteger(number)) return number.toLocaleString("en-US").replace("-", "−");
  return Number(number.toPrecision(4)).toString().replace("-", "−");
}

// Each symbol's colour: a class, so that light and dark have their own; the blank has none.
export function symbolClass(codec, name) {
  const slot = codec.symbolSlot.get(name) ?? 0;
  return slot === 0 ? "blank" : `symbol-${((slot - 1) % 8) + 1}`;
}
