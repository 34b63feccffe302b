// Where the states of a graph stand: each pair at a distance that grows with the steps between them (stress
// majorisation, Gansner, Koren and North 2004), from places on a circle, so that the same machine looks the same.

export function layout(names, arrows) {
  const n = names.length;
  const place = names.map((_, i) => [Math.cos((2 * Math.PI * i) / n + Math.PI), 0.8 * Math.sin((2 * Math.PI * i) / n + Math.PI)]);
  if (n < 2) return place.map(() => [0, 0]);
  const distance = distances(names, arrows);
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < n; i++) {
      let [x, y, total] = [0, 0, 0];
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const d = distance[i][j];
        const weight = 1 / (d * d);
        const apart = Math.hypot(place[i][0] - place[j][0], place[i][1] - place[j][1]) || 1e-9;
        x += weight * (place[j][0] + (d * (place[i][0] - place[j][0])) / apart);
        y += weight * (place[j][1] + (d * (place[i][1] - place[j][1])) / apart);
        total += weight;
      }
      place[i] = [x / total, y / total];
    }
  }
  return upright(place);
}

// Steps between each two states, either way; states that nothing joins stand a little further apart than any others.
function distances(names, arrows) {
  const near = names.map(() => new Set());
  const number = new Map(names.map((name, i) => [name, i]));
  for (const [from, to] of arrows) {
    near[number.get(from)].add(number.get(to));
    near[number.get(to)].add(number.get(from));
  }
  const steps = names.map((_, begin) => {
    const found = new Map([[begin, 0]]);
    for (const i of found.keys()) for (const j of near[i]) if (!found.has(j)) found.set(j, found.get(i) + 1);
    return found;
  });
  const far = 1 + Math.max(1, ...steps.flatMap((found) => [...found.values()]));
  return steps.map((found) => names.map((_, j) => found.get(j) ?? far));
}

// Turned so that the graph is widest from left to right, the start state on the left.
function upright(place) {
  const n = place.length;
  const [cx, cy] = [0, 1].map((k) => place.reduce((sum, p) => sum + p[k], 0) / n);
  const centred = place.map(([x, y]) => [x - cx, y - cy]);
  const [xx, yy, xy] = [
    centred.reduce((sum, [x]) => sum + x * x, 0),
    centred.reduce((sum, [, y]) => sum + y * y, 0),
    centred.reduce((sum, [x, y]) => sum + x * y, 0),
  ];
  const round = Math.hypot(2 * xy, xx - yy) < 1e-6 * (xx + yy); // as wide whichever way it is turned
  const angle = round ? 0 : -Math.atan2(2 * xy, xx - yy) / 2;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turned = centred.map(([x, y]) => [c * x - s * y, s * x + c * y]);
  return turned[0][0] > 1e-6 ? turned.map(([x, y]) => [-x, -y]) : turned;
}
