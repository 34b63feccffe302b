// The tapes, each with its head in the middle of the stage: a cell comes under the head as the tape moves.

import { element, symbolClass } from "./dom.js";
import { visible } from "./text.js";

const SIDE = 24; // cells drawn on each side of the head: more than any screen shows

export class TapeView {
  constructor(stage) {
    this.stage = stage;
  }

  show(run, step) {
    const { heads, read } = run.tapes.at(step);
    const previous = step > 0 ? run.tapes.moves[step - 1] : null;
    this.stage.replaceChildren(
      ...heads.map((head, tape) => {
        const cells = [];
        for (let cell = head - SIDE; cell <= head + SIDE; cell++) {
          const name = read(tape, cell);
          const written = previous && previous.cells[tape] === cell && previous.before[tape] !== previous.write[tape];
          const classes = ["cell", symbolClass(run.codec, name), cell === head && "under", written && "written"];
          cells.push(
            element(
              "div",
              { class: classes.filter(Boolean).join(" ") },
              element("span", { class: "name" }, name === run.machine.blank ? "" : visible(name)),
              element("span", { class: "number" }, cell % 5 === 0 || cell === head ? String(cell).replace("-", "−") : ""),
            ),
          );
        }
        const label = `Tape ${tape + 1}: the head is on cell ${head} and reads ${visible(read(tape, head))}`;
        return element(
          "div",
          { class: "tape", role: "img", "aria-label": label },
          element("div", { class: "cells" }, cells),
          element("div", { class: "head", "aria-hidden": "true" }),
        );
      }),
    );
  }
}
