// Widths: a row per index group, with its dim by slider and in figures.

const MOST_ROWS = 200;
const LONGEST_DIM = 1n << 13000n;

/** One index group: its dim by slider and in figures, and how often it is cut. */
class WidthRow {
  constructor(page, number) {
    Object.assign(this, { page, number, group: page.model.groups[number] });
    const { name, dim } = this.group;
    this.row = page.find("tbody").insertRow();
    const [label, sliding, typing, cut] = [0, 1, 2, 3].map(() => this.row.insertCell());
    label.textContent = label.title = name;
    this.cut = cut;
    this.slider = this.input(sliding, "range", "width", `dim of ${name}, slider`);
    this.field = this.input(typing, "text", "dim", `dim of ${name}`);
    this.field.inputMode = "numeric";
    this.scale = widthScale(BigInt(dim));
    Object.assign(this.slider, { min: this.scale.low, max: this.scale.high, step: 1 });
    this.slider.addEventListener("input", () => this.take(this.scale.dimAt(Number(this.slider.value))));
    this.field.addEventListener("change", () => this.take(readDim(this.field.value)));
    this.row.addEventListener("pointerenter", () => page.view.choose(number));
    this.row.addEventListener("pointerleave", () => page.view.choose(-1));
  }

  input(cell, type, className, label) {
    const made = document.createElement("input");
    Object.assign(made, { type, className, disabled: !this.page.canChange });
    made.setAttribute("aria-label", label);
    cell.append(made);
    return made;
  }

  take(dim) {
    this.field.setAttribute("aria-invalid", dim === null);
    if (dim === null) return;
    this.page.model.setDims(this.page.model.dims.map((old, number) => (number === this.number ? dim : old)));
    this.page.showDims();
    this.page.change();
  }

  showDim(dim) {
    this.field.value = String(dim);
    this.field.setAttribute("aria-invalid", false);
    this.slider.setAttribute("aria-valuetext", String(dim));
    const place = this.scale.placeOf(dim);
    // A slider on a log scale stays where the hand put it.
    if (this.scale.dimAt(Number(this.slider.value)) !== dim) this.slider.value = place;
  }

  update({ exponents }) {
    const { count, multiplicity } = this.group;
    const power = exponents[this.number];
    const times = multiplicity > 1 ? ` × ${multiplicity}` : "";
    this.row.classList.toggle("cut", power > 0);
    this.cut.textContent = power ? `${power / multiplicity} of ${count}${times}` : "–";
  }
}

function readDim(text) {
  const digits = text.replace(/[\s,_]/g, "");
  if (!/^[0-9]{1,4000}$/.test(digits)) return null;
  const dim = BigInt(digits);
  return dim >= 1n && dim < LONGEST_DIM ? dim : null;
}

/** Places of a slider: dims one by one while they are small, eighths of octaves beyond. */
function widthScale(dim) {
  if (dim <= 64n) {
    const high = Math.max(16, 2 * Number(dim));
    return { low: 1, high, dimAt: (place) => BigInt(place), placeOf: (d) => Number(d < 1000n ? d : 1000n) };
  }
  const high = Math.ceil(8 * (log2Of(dim) + 2));
  return { low: 0, high, dimAt: (place) => powerOfTwo(place / 8), placeOf: (d) => Math.round(8 * log2Of(d)) };
}

function powerOfTwo(exponent) {
  const whole = Math.max(0, Math.floor(exponent) - 50);
  return BigInt(Math.round(2 ** (exponent - whole))) << BigInt(whole);
}
