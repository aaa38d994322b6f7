// The network drawn whole.

function pathOf({ strokes, curved }) {
  const path = (s) => {
    const points = [];
    for (let i = 0; i < s.length; i += 2) points.push(`${s[i]} ${s[i + 1]}`);
    return curved ? `M${points[0]}C${points.slice(1).join(" ")}` : `M${points.join("L")}`;
  };
  return strokes.map(path).join("");
}

/** The network drawn whole. */
class Picture {
  constructor(model, figure, press) {
    const { picture } = model;
    Object.assign(this, { model, picture, seen: new Map() });
    const svg = svgElement(figure, "svg", { viewBox: picture.view.join(" ") });
    // Small networks are not blown up to the width of the page.
    svg.style.maxWidth = `${Math.max(1.5 * picture.view[2], 420)}px`;
    svg.style.setProperty("--dash", `${0.34 * picture.font}px`);
    svg.style.setProperty("--focus", `${Math.min(6, 0.3 * picture.keys.width + 2)}px`);
    this.drawStripes(svg);
    const [lines, cutLines, glyphs, keys, texts] = [0, 1, 2, 3, 4].map(() => svgElement(svg, "g", {}));
    Object.assign(this, { lines, cutLines });
    this.lineOf = picture.lines.map((line, index) =>
      svgElement(lines, "path", { d: pathOf(line), "data-title": `i${index}` }),
    );
    this.dots = picture.dots.map(([index, cx, cy, r]) => {
      const dot = svgElement(glyphs, "circle", { cx, cy, r, "data-title": `i${index}` });
      dot.style.setProperty("--ring", `${Math.max(1.2, 0.7 * r)}px`);
      return [index, dot];
    });
    this.squares = picture.squares.map(([x, y, size], tensor) =>
      svgElement(glyphs, "rect", {
        x: x - size / 2, y: y - size / 2, width: size, height: size, "data-title": `t${tensor}`,
      }),
    );
    this.keys = this.drawKeys(keys, press);
    this.drawTexts(texts);
    titleOnHover(svg, ({ dataset }) => {
      const number = Number(dataset.title.slice(1));
      return dataset.title[0] === "t" ? this.model.tensorWords(number) : this.model.indexWords(number);
    });
  }

  drawStripes(svg) {
    const [x, , width] = this.picture.view;
    for (const [y, height] of this.picture.stripes) {
      svgElement(svg, "rect", { class: "stripe", x, y, width, height });
    }
  }

  drawKeys(group, press) {
    const { keys, modes } = this.picture;
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "inputs, from left to right");
    const drawn = new Keys(this.model, group, 1, press);
    const order = keys.at.map((_, place) => place).sort((p, q) => keys.at[p][0] - keys.at[q][0]);
    for (const place of order) {
      const mode = this.model.modes[place];
      const name = this.model.inputWords(place);
      const label = keys.labelled ? String(mode) : null;
      drawn.add(mode, name, keys.at[place], keys.width, keys.height, label, keys.font);
    }
    for (const [x, y, size, text] of modes) {
      svgElement(group, "text", { x, y: y + 0.35 * size, "font-size": size, "text-anchor": "middle" }, text);
    }
    return drawn;
  }

  drawTexts(group) {
    this.names = this.picture.names.map(([x, y, size, text]) => {
      const place = { x, y: y + 0.35 * size, "font-size": size, "text-anchor": "middle" };
      return svgElement(group, "text", place, text);
    });
    const font = 0.82 * this.picture.font;
    this.bands = this.picture.bands.map(({ x, y, tensors, groups }) => {
      const place = { x, y: y + 0.35 * font, "font-size": font, "text-anchor": "end" };
      const kind = groups.length ? "band-indices" : "band-tensors";
      return [groups, svgElement(group, "text", { ...place, class: kind }, tensors)];
    });
  }

  /** Show the dims of the moment: in the labels, and as the widths of lines. */
  showDims() {
    const { model, picture } = this;
    this.lineOf.forEach((line, index) => {
      const width = 0.8 + 0.34 * log2Of(model.dims[model.groupOf[index]]);
      line.style.setProperty("--w", `${Math.min(width, picture.widest).toFixed(2)}px`);
    });
    for (const [groups, text] of this.bands) {
      if (groups.length) text.textContent = model.groupsLabel(groups);
    }
  }

  update(result, sideA) {
    this.keys.update(sideA);
    this.lineOf.forEach((line, index) => {
      if (!this.show(line, "line", result.indexKind(index))) return;
      (result.cut[index] ? this.cutLines : this.lines).append(line);
    });
    for (const [index, dot] of this.dots) this.show(dot, "dot", result.indexKind(index));
    this.squares.forEach((square, tensor) => {
      const side = result.tensorOnA[tensor] ? "a" : "b";
      this.show(square, "square", side);
      if (this.names[tensor]) this.show(this.names[tensor], "name", side);
    });
    for (const [groups, text] of this.bands) {
      text.classList.toggle("cut", groups.some((group) => result.exponents[group] > 0));
    }
  }

  /** Set the class of a glyph if it changed, and say whether it did. */
  show(glyph, shape, kind) {
    if (this.seen.get(glyph) === kind) return false;
    this.seen.set(glyph, kind);
    glyph.setAttribute("class", `${shape} ${kind}`);
    return true;
  }

  /** Mark the indices of one group, or of none (-1). */
  choose(group) {
    const mark = (glyph, index) => glyph.classList.toggle("chosen", this.model.groupOf[index] === group);
    this.lineOf.forEach(mark);
    for (const [index, dot] of this.dots) mark(dot, index);
  }
  /** Colours come from the style sheet. */
  repaint() {}
}
