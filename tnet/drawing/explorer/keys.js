// Inputs as keys to press, drag over, and reach by keyboard.

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes, put at the end of `parent`. */
function svgElement(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** Say `words` where the pointer rests, found only then: thousands of titles cost time. */
function titleOnHover(element, words) {
  element.addEventListener("pointerover", (event) => {
    const target = event.target.closest("[data-title]");
    if (!target) return;
    const title = target.querySelector("title") || svgElement(target, "title", {});
    title.textContent = words(target);
  });
}

/**
 * Keys for the inputs: each a checkbox (checked: side A). One of them is in the tab order, and
 * arrows move on, so that hundreds of inputs are one stop for the keyboard.
 */
class Keys {
  /** @param press called with a list of modes and the side to give them, 1 for A */
  constructor(model, group, columns, press) {
    Object.assign(this, { model, group, columns, press });
    this.keys = [];
    this.shown = [];
    group.classList.add("keys");
    if (!press) return;
    group.classList.add("live");
    group.addEventListener("keydown", (event) => this.onKey(event));
    group.addEventListener("pointerdown", (event) => this.onDown(event));
    group.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"]) {
      group.addEventListener(end, () => (this.brush = null));
    }
  }

  add(mode, name, at, width, height, label, font) {
    const key = svgElement(this.group, "g", { class: "key", transform: `translate(${at})` });
    svgElement(key, "title", {}, name);
    svgElement(key, "rect", { width, height });
    // Thin keys show the focus by a mark below them as well.
    const wide = Math.max(width, 9);
    const tip = `M${width / 2} ${height + 8}l${wide * 0.6} ${wide}h${-wide * 1.2}z`;
    svgElement(key, "path", { class: "pointer", d: tip });
    if (label !== null) {
      const place = { x: width / 2, y: height / 2 + 0.35 * font, "font-size": font };
      svgElement(key, "text", { ...place, "text-anchor": "middle" }, label);
    }
    if (this.press) {
      key.setAttribute("role", "checkbox");
      key.setAttribute("tabindex", this.keys.length ? -1 : 0);
      key.setAttribute("data-mode", mode);
    }
    key.place = this.keys.length;
    this.keys.push({ key, mode, name, width, height });
  }

  update(sideA) {
    this.keys.forEach(({ key, mode, name, width, height }, place) => {
      if (this.shown[place] === sideA[mode]) return;
      this.shown[place] = sideA[mode];
      key.classList.toggle("a", Boolean(sideA[mode]));
      key.setAttribute("aria-checked", Boolean(sideA[mode]));
      key.setAttribute("aria-label", `${name}, side ${sideA[mode] ? "A" : "B"}`);
      key.firstChild.textContent = `${name}: side ${sideA[mode] ? "A" : "B"}`;
      // Sides differ in form as well as colour: A has corners, B is round and shorter.
      const rect = key.children[1];
      const radius = Math.min(width, height) / 2;
      rect.setAttribute("rx", sideA[mode] ? Math.min(2, 0.15 * width) : radius);
      rect.setAttribute("y", sideA[mode] ? 0 : 0.08 * height);
      rect.setAttribute("height", sideA[mode] ? height : 0.84 * height);
    });
  }

  onKey(event) {
    const place = event.target.place;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const { mode } = this.keys[place];
    let next = place;
    if (event.key === " " || event.key === "Enter") {
      this.press([mode], this.model.sideOf(mode) ? 0 : 1);
    } else if (event.key in steps) next = place + steps[event.key];
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = this.keys.length - 1;
    else return;
    event.preventDefault();
    if (next === place || !this.keys[next]) return;
    if (event.shiftKey) this.press([this.keys[next].mode], this.model.sideOf(mode));
    this.focus(next);
  }

  focus(place) {
    for (const { key } of this.keys) if (key.tabIndex === 0) key.setAttribute("tabindex", -1);
    this.keys[place].key.setAttribute("tabindex", 0);
    this.keys[place].key.focus();
  }

  keyAt(x, y) {
    const found = document.elementFromPoint(x, y);
    const key = found && found.closest(".key");
    return key && this.group.contains(key) ? this.keys[key.place] : null;
  }

  onDown(event) {
    const hit = this.keyAt(event.clientX, event.clientY);
    if (!hit || event.button) return;
    event.preventDefault();
    // A finger is bound to the key that it touched first; a brush is not.
    if (event.target.hasPointerCapture(event.pointerId)) {
      event.target.releasePointerCapture(event.pointerId);
    }
    this.focus(hit.key.place);
    this.brush = { side: this.model.sideOf(hit.mode) ? 0 : 1, x: event.clientX, y: event.clientY };
    this.press([hit.mode], this.brush.side);
  }

  /** Paint all keys between the last place of the pointer and this one. */
  onMove(event) {
    if (!this.brush || !event.buttons) return;
    const { x, y, side } = this.brush;
    const across = event.clientX - x;
    const down = event.clientY - y;
    const steps = Math.ceil(Math.max(Math.abs(across), Math.abs(down)) / 2) || 1;
    const modes = new Set();
    for (let step = 1; step <= steps; step++) {
      const hit = this.keyAt(x + (across * step) / steps, y + (down * step) / steps);
      if (hit && this.model.sideOf(hit.mode) !== side) modes.add(hit.mode);
    }
    Object.assign(this.brush, { x: event.clientX, y: event.clientY });
    if (modes.size) this.press([...modes], side);
  }
}

/** The inputs as they lie: rows of the last axis; a long line is wrapped. */
function drawGrid(model, figure, press) {
  const { shape } = model;
  const n = shape.reduce((product, length) => product * length, 1);
  const columns = shape.length > 1 ? shape.at(-1) : Math.min(n, 64);
  const height = shape.length > 1 ? shape.at(-2) : n;
  const cell = n > 256 ? 10 : 30;
  const slices = shape.length > 2 ? Math.floor((n - 1) / (columns * height)) : 0;
  const rows = Math.ceil(n / columns);
  const view = [0, 0, columns * cell, rows * cell + (slices * cell) / 2];
  const svg = svgElement(figure, "svg", { viewBox: view.map((v, i) => (i < 2 ? v - 5 : v + 10)).join(" ") });
  svg.style.setProperty("--focus", "3px");
  svg.style.maxWidth = `${Math.min(680, 1.25 * view[2])}px`;
  const group = svgElement(svg, "g", { role: "group", "aria-label": "inputs, row by row" });
  const keys = new Keys(model, group, columns, press);
  const size = 0.88 * cell;
  for (let mode = 0; mode < n; mode++) {
    const row = Math.floor(mode / columns);
    const gap = shape.length > 2 ? (Math.floor(row / height) * cell) / 2 : 0;
    const at = [(mode % columns) * cell + 0.06 * cell, row * cell + gap + 0.06 * cell];
    keys.add(mode, model.modeWords(mode), at, size, size, n > 256 ? null : String(mode), 11);
  }
  return keys;
}
