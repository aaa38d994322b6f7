// A network too large to be drawn whole: a strip per index group.

/** Every index group of a large network as a strip, cut indices on top of the sides. */
class Strips {
  constructor(model, figure) {
    this.model = model;
    const box = document.createElement("div");
    box.className = "strips";
    figure.append(box);
    this.rows = model.strips.map(({ group, idSteps }) => {
      const name = document.createElement("span");
      const canvas = document.createElement("canvas");
      const count = document.createElement("span");
      box.append(name, canvas, count);
      canvas.style.height = "17px";
      canvas.setAttribute("role", "img");
      const row = { group, ids: cumulated(idSteps), name, canvas, count };
      canvas.addEventListener("pointermove", (event) => {
        const at = Math.floor((event.offsetX / canvas.clientWidth) * row.ids.length);
        canvas.title = model.indexWords(row.ids[Math.max(0, Math.min(at, row.ids.length - 1))]);
      });
      return row;
    });
    const left = model.groups.filter(({ role }) => role !== "output").length - this.rows.length;
    if (left) figure.append(`and ${left} more groups`);
    new ResizeObserver(() => this.repaint()).observe(box);
  }

  showDims() {
    for (const { group, name } of this.rows) name.textContent = this.model.groupsLabel([group]);
  }

  update(result) {
    for (const row of this.rows) {
      const { count, multiplicity } = this.model.groups[row.group];
      const cut = result.exponents[row.group] / multiplicity;
      row.count.textContent = `${cut} of ${count} cut`;
      row.count.className = row.name.className = cut ? "cut" : "";
      row.canvas.setAttribute("aria-label", `${row.name.textContent}: ${row.count.textContent}`);
    }
    this.repaint();
  }

  repaint() {
    const style = getComputedStyle(this.rows[0].canvas);
    const colour = { a: "--side-a", b: "--side-b", cut: "--cut" };
    for (const kind in colour) colour[kind] = style.getPropertyValue(colour[kind]);
    for (const row of this.rows) this.paint(row, colour);
  }

  paint({ canvas, ids }, colour) {
    const ratio = window.devicePixelRatio || 1;
    const length = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.round(17 * ratio);
    Object.assign(canvas, { width: length, height });
    const context = canvas.getContext("2d");
    const gap = length > 6 * ratio * ids.length ? ratio : 0;
    // Sides are told apart by height too: B is lower, and what is cut fills the strip.
    const tops = { a: 0.15 * height, b: 0.45 * height, cut: 0 };
    const bar = (place, kind) => {
      // Whole pixels, so that no seams show; a cut index is never too thin to be seen.
      const start = Math.round((place / ids.length) * length);
      const end = Math.round(((place + 1) / ids.length) * length) - gap;
      context.fillStyle = colour[kind];
      context.fillRect(start, tops[kind], Math.max(end - start, kind === "cut" ? ratio : 0), height);
    };
    for (const isCut of [false, true]) {
      ids.forEach((id, place) => {
        const kind = this.model.result.indexKind(id);
        if ((kind === "cut") === isCut) bar(place, kind);
      });
    }
  }

  /** A strip is named beside it; nothing more to mark. */
  choose() {}
}
