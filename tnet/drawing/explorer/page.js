// The page: keeps sides, widths, picture and words in step.

const MOST_NAMED = 40;
const FORMULA_INPUTS = 64;
const FORMULA_GROUPS = 32;
const LARGEST_POWER = 2 ** 32;
const MOST_DIGITS_BITS = 200000;
const STRIPS_LEGEND = "Strips: index groups in the order of the tree; high is side A, low is side B.";

class Page {
  constructor(root) {
    this.root = root;
    this.startTheme();
    const model = new Model(JSON.parse(this.find("script").textContent));
    this.model = model;
    this.sideA = new Uint8Array(model.nModes);
    for (const mode of model.sideA) this.sideA[mode] = 1;
    this.bridge = Bridge.isAwaited() ? new Bridge(this) : null;
    this.canChange = model.live || this.bridge !== null;
    const press = this.canChange ? (modes, side) => this.press(modes, side) : null;
    model.sideOf = (mode) => this.sideA[mode];
    const figure = this.find(".view");
    this.view = model.picture ? new Picture(model, figure, press) : new Strips(model, figure);
    this.grids = [];
    if (!model.picture || model.shape.length > 1) {
      this.find(".elements").hidden = false;
      this.find(".elements").classList.toggle("large", model.nModes > 256);
      this.grids.push(drawGrid(model, this.find(".grid"), press));
    }
    this.find(".note").hidden = this.canChange;
    this.find(".hint").hidden = !this.canChange;
    if (!model.picture) this.find(".legend").textContent = STRIPS_LEGEND;
    this.formulas = new Formulas(model.programme);
    this.find(".formula").hidden = !this.hasFormula();
    this.find("footer").textContent = `${model.title}.`;
    this.makePresets();
    this.makeWidths();
    this.listen();
    this.showDims();
    this.update();
    this.bridge?.open();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  hasFormula() {
    const { live, nModes, groups } = this.model;
    const power = groups.reduce((sum, { count, multiplicity }) => sum + count * multiplicity, 0);
    const isSmall = nModes <= FORMULA_INPUTS && groups.length <= FORMULA_GROUPS;
    return live && isSmall && power <= LARGEST_POWER;
  }

  makePresets() {
    const { shape } = this.model;
    if (!this.canChange) return;
    const nModes = this.sideA.length;
    const button = (name, flags) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = name;
      made.addEventListener("click", () => {
        this.sideA = Uint8Array.from({ length: nModes }, (_, mode) => (flags(mode) ? 1 : 0));
        this.change();
      });
      this.find(".presets").append(made);
    };
    for (const [name, isA, axes] of PRESETS) {
      if (shape.length >= axes) button(name, (mode) => isA(placeOf(mode, shape), shape));
    }
    button("random", () => Math.random() < 0.5);
    button("clear", () => false);
    button("invert", (mode) => !this.sideA[mode]);
  }

  makeWidths() {
    const { groups } = this.model;
    const shown = groups.map((_, number) => number).filter((n) => groups[n].role !== "output");
    this.rows = shown.slice(0, MOST_ROWS).map((number) => new WidthRow(this, number));
    const left = shown.length - this.rows.length;
    this.find(".more").hidden = !left;
    this.find(".more").textContent = `and ${left} more groups`;
  }

  listen() {
    this.find(".formula").addEventListener("toggle", () => this.showFormula());
    this.find(".members").addEventListener("toggle", () => this.showMembers());
    this.find(".digits").addEventListener("toggle", () => this.showDigits());
    this.find(".reset").addEventListener("click", () => {
      this.model.setDims(this.model.firstDims());
      this.showDims();
      this.change();
    });
    this.find(".copy").addEventListener("click", () => this.copy());
    this.find(".theme").addEventListener("click", () => {
      this.root.dataset.theme = this.root.dataset.theme === "dark" ? "light" : "dark";
      this.view.repaint();
    });
  }

  startTheme() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    if (this.root.dataset.theme === "auto") this.root.dataset.theme = dark ? "dark" : "light";
  }

  async copy() {
    const field = this.find(".modes");
    field.select();
    // A frame may be denied the clipboard; the selected text can then be copied by hand.
    const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    this.find(".copy").textContent = copied ? "copied" : "selected";
    setTimeout(() => (this.find(".copy").textContent = "copy"), 1500);
  }

  press(modes, side) {
    for (const mode of modes) this.sideA[mode] = side;
    // A drag makes many changes between two frames; the first answers at once, the rest together.
    this.behind = this.waiting;
    if (this.waiting) return;
    this.waiting = true;
    this.change();
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.behind) this.change();
    });
  }

  /** Show the dims of the model everywhere; the cut that they give is for update or change. */
  showDims() {
    const { dims, groups } = this.model;
    this.find(".reset").hidden = dims.every((dim, number) => dim === BigInt(groups[number].dim));
    this.view.showDims();
    for (const row of this.rows) row.showDim(dims[row.number]);
  }

  /** Follow a change made by hand; where the network has loops, Python has to find its cut. */
  change() {
    this.behind = false;
    this.showError("");
    if (this.model.live) this.update();
    else this.showSides();
    this.bridge?.ask();
  }

  /** Show a state that Python tells: sides and dims, the cut of a network with loops, an error. */
  take({ sideA, dims, cut, error }) {
    this.sideA = new Uint8Array(this.model.nModes);
    for (const mode of sideA) this.sideA[mode] = 1;
    this.model.setDims(dims.map(BigInt));
    this.model.told = cut;
    this.showDims();
    this.update();
    this.showError(error || "");
  }

  update() {
    const result = this.model.solve(this.sideA);
    this.showSides();
    for (const row of this.rows) row.update(result);
    this.showAnswer(result);
    this.showFormula();
    this.showMembers();
  }

  /** Show the sides of the moment; of the cut, what is known of it. */
  showSides() {
    this.view.update(this.model.result, this.sideA);
    for (const grid of this.grids) grid.update(this.sideA);
    const nA = this.sideA.reduce((sum, isA) => sum + isA, 0);
    this.find(".count-a").textContent = nA;
    this.find(".count-b").textContent = this.sideA.length - nA;
    this.find(".modes").value = sideText(this.sideA);
  }

  showError(line) {
    this.find(".error").textContent = line;
    this.find(".error").hidden = !line;
  }

  showAnswer({ product, claim, exponents }) {
    const texts = {
      ".dimension": product.text,
      ".kind": `${claim.kind}:`,
      ".reason": `${claim.reason}.`,
      ".digits summary": `All digits, about ${Math.floor(product.log2 * Math.log10(2)) + 1}`,
    };
    for (const [selector, text] of Object.entries(texts)) this.find(selector).textContent = text;
    this.find(".dimension").classList.toggle("long", !product.short);
    this.writeFactors(this.find(".factors"), exponents);
    this.find(".digits").hidden = product.short || product.log2 > MOST_DIGITS_BITS;
    this.showDigits();
  }

  showDigits() {
    const details = this.find(".digits");
    if (!details.open || details.hidden) return;
    details.querySelector("p").textContent = String(this.model.result.product.value());
  }

  /** Write factors as people do, exponents raised; 1 where there is none. */
  writeFactors(element, exponents) {
    element.replaceChildren();
    exponents.forEach((exponent, group) => {
      if (!exponent) return;
      if (element.childNodes.length) element.append("·");
      element.append(this.model.groups[group].name);
      if (exponent === 1) return;
      const power = document.createElement("sup");
      power.textContent = exponent;
      element.append(power);
    });
    if (!element.childNodes.length) element.append("1");
  }

  /** Find the formula once the hand rests: the largest take a second. */
  showFormula() {
    const details = this.find(".formula");
    clearTimeout(this.formulaTimer);
    if (!details.open || !this.hasFormula()) return;
    details.querySelector("p").textContent = "…";
    this.formulaTimer = setTimeout(() => this.writeFormula(details), 60);
  }

  writeFormula(details) {
    const list = details.querySelector("ol");
    const words = details.querySelector("p");
    words.textContent = "The min cut is the least of these; what binds is marked.";
    try {
      const terms = this.formulas.terms(this.sideA);
      list.replaceChildren(...terms.map((term) => this.termLine(term)));
      list.dataset.formula = formulaText(terms, this.model.groups.map(({ name }) => name));
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
      list.replaceChildren();
      words.textContent = "Too long to find here: ask tnet.min_cut_formula(net, side).";
    }
  }

  termLine(term) {
    const { dims } = this.model;
    const factors = term.map((power, group) => [dims[group], power]).filter(([, power]) => power);
    const line = document.createElement("li");
    const [written, value] = [0, 1].map(() => line.appendChild(document.createElement("span")));
    this.writeFactors(written, term);
    const product = productOf(factors);
    value.textContent = product.short ? product.text : `2^${product.log2.toFixed(1)}`;
    line.classList.toggle("active", product.value() === this.model.result.product.value());
    return line;
  }

  showMembers() {
    const details = this.find(".members");
    if (!details.open) return;
    const { model } = this;
    const names = [];
    let count = 0;
    model.result.cut.forEach((isCut, index) => {
      if (isCut && count++ < MOST_NAMED) names.push(model.indexName(index));
    });
    const more = count > names.length ? `, and ${count - names.length} more` : "";
    details.querySelector("p").textContent = names.length ? names.join(", ") + more : "none";
  }
}

new Page(document.querySelector("main"));
