// Partitions by name, and side A written so that it can be pasted into Python.

/** The partitions of tnet.partitions, as tests of a place (its coordinates) in a shape. */
const PRESETS = [
  ["left / right", (at, shape) => at.at(-1) < Math.floor(shape.at(-1) / 2), 1],
  ["top / bottom", (at, shape) => at[0] < Math.floor(shape[0] / 2), 2],
  ["odd / even", (at) => at.at(-1) % 2 === 0, 1],
  ["checkerboard", (at) => at.reduce((sum, place) => sum + place, 0) % 2 === 0, 2],
  ["centre", (at, shape) => at.every((place, i) => isCentral(place, shape[i])), 1],
];

function isCentral(place, length) {
  const rim = Math.floor((length + 1) / 4);
  return place >= rim && place < length - rim;
}

/** Coordinates of a mode, the first slowest. */
function placeOf(mode, shape) {
  const place = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(mode % shape[axis]);
    mode = Math.floor(mode / shape[axis]);
  }
  return place;
}

/** The modes of side A as a Python list; runs of five and more as ranges. */
function sideText(sideA) {
  const modes = [];
  sideA.forEach((isA, mode) => isA && modes.push(mode));
  const parts = [];
  for (let i = 0; i < modes.length; ) {
    const step = (modes[i + 1] ?? modes[i] + 1) - modes[i];
    let end = i + 1;
    while (end < modes.length && modes[end] - modes[end - 1] === step) end += 1;
    if (end - i >= 5) {
      parts.push(`*range(${modes[i]}, ${modes[end - 1] + 1}${step > 1 ? `, ${step}` : ""})`);
      i = end;
    } else {
      parts.push(String(modes[i]));
      i += 1;
    }
  }
  return `[${parts.join(", ")}]`;
}
