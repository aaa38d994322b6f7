// The network as the data of the page tell it: its parts, their names, and its cuts.

function cumulated(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

function shortName(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

function shortDim(dim) {
  return dim < 10n ** 9n ? String(dim) : `2^${log2Of(dim).toFixed(1)}`;
}

/** The network: its parts and dims, its least cuts, and words on all of them. */
class Model {
  constructor(data) {
    Object.assign(this, data);
    this.groups = data.indexGroups.map((group) => ({ ...group, shortName: shortName(group.name) }));
    this.groupOf = this.groups.flatMap(({ count }, number) => Array(count).fill(number));
    this.multiplicities = this.groups.map(({ multiplicity }) => multiplicity);
    this.modeOf = this.groupOf.map(() => -1);
    data.inputs.forEach((index, place) => (this.modeOf[index] = data.modes[place]));
    this.firstReading = [];
    data.modes.forEach((mode, place) => (this.firstReading[mode] ??= place));
    this.nTensors = data.tensorGroups.reduce((sum, { count }) => sum + count, 0);
    this.nModes = data.shape.reduce((product, length) => product * length, 1);
    this.live = data.tree !== null;
    if (this.live) {
      const { orderSteps, parentSteps } = data.tree;
      const tree = { order: cumulated(orderSteps), parent: cumulated(parentSteps) };
      this.programme = new Programme(tree, this.nTensors, this.modeOf, this.groupOf, this.multiplicities);
    }
    this.setDims(this.firstDims());
  }

  firstDims() {
    return this.groups.map(({ dim }) => BigInt(dim));
  }

  setDims(dims) {
    this.dims = dims;
    if (this.live) this.programme.setDims(dims);
    this.powersOfOne = arePowersOfOne(dims.filter((_, n) => this.groups[n].role !== "output"));
  }

  /** Find the least cut, and keep it; sideA holds 1 for the modes on A. */
  solve(sideA) {
    const result = this.live ? this.programme.solve(sideA) : this.toldResult();
    result.exponents = exponentsOf(result.cut, this.groupOf, this.multiplicities);
    result.indexKind = (index) => (result.cut[index] ? "cut" : result.indexOnA[index] ? "a" : "b");
    const cut = this.groups.map((_, number) => number).filter((n) => result.exponents[n]);
    result.product = productOf(cut.map((n) => [this.dims[n], result.exponents[n]]));
    result.claim = this.told ? this.told.claim : this.ownClaim(cut);
    this.result = result;
    return result;
  }

  /** What the programme's cut says of the Schmidt number, of the claims that `min_cut` makes. */
  ownClaim(cut) {
    const isFree = cut.every((n) => this.dims[n] === 1n);
    return this.claims[isFree ? "one" : this.powersOfOne ? "powers" : "others"];
  }

  /** The cut as Python found it, where the network has loops. */
  toldResult() {
    const flags = (length, ids) => {
      const made = new Uint8Array(length);
      for (const id of ids) made[id] = 1;
      return made;
    };
    return {
      tensorOnA: flags(this.nTensors, this.told.tensorsOnA),
      indexOnA: flags(this.modeOf.length, this.told.indicesOnA),
      cut: flags(this.modeOf.length, this.told.cut),
    };
  }

  /** The group that holds row `number` of all rows, and the name of that row. */
  rowOf(groups, number) {
    let row = number;
    for (const group of groups) {
      const { name, count } = group;
      if (row < count) return { group, name: count === 1 ? name : `${name}[${row}]` };
      row -= count;
    }
    throw new RangeError(`no row ${number}`);
  }

  indexName(index) {
    return this.rowOf(this.groups, index).name;
  }

  indexWords(index) {
    const { group, name } = this.rowOf(this.groups, index);
    const kinds = { a: "side A", b: "side B", cut: "cut" };
    const kind = group.role === "output" ? "output" : kinds[this.result.indexKind(index)];
    return `index ${name}: dim ${shortDim(this.dims[this.groupOf[index]])}, ${kind}`;
  }

  tensorWords(tensor) {
    const { group, name } = this.rowOf(this.tensorGroups, tensor);
    const shape = group.legs.map((leg) => shortDim(this.dims[leg])).join("x") || "scalar";
    return `tensor ${name}: ${shape}, side ${this.result.tensorOnA[tensor] ? "A" : "B"}`;
  }

  inputWords(place) {
    return `input ${this.indexName(this.inputs[place])} (mode ${this.modes[place]})`;
  }

  modeWords(mode) {
    const at = this.shape.length > 1 ? `, at ${placeOf(mode, this.shape).join(", ")}` : "";
    return `${this.inputWords(this.firstReading[mode])}${at}`;
  }

  /** Write the dims of index groups behind their names, as far as there is room. */
  groupsLabel(numbers) {
    const names = numbers.map((number) => this.groups[number].name).join(", ");
    const dims = new Set(numbers.map((number) => shortDim(this.dims[number])));
    const label = names.length <= 24 ? names : numbers.length > 1 ? `${numbers.length} groups` : shortName(names);
    return dims.size === 1 ? `${label}  dim ${[...dims][0]}` : label;
  }
}
