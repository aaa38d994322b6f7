// The least cut of a forest by a two-state programme, exactly, as tnet.min_cut finds it.
//
// Every tensor stands on side A or B. For a subtree let f(s) be the least product of dims cut
// inside it when its top tensor stands on s. All that the rest of the tree needs is f(A) / f(B),
// held as a vector of exponents, one per distinct dim: exact however long the product is.

/** Compares products given as rows of exponents in one flat array. */
class Comparer {
  constructor(dims) {
    this.dims = dims;
    this.width = dims.length;
    this.logs = dims.map(log2Of);
    this.settled = 0;
  }

  /** Sign of log(product) of the row that starts at `start`. */
  sign(rows, start) {
    let sum = 0;
    let size = 0;
    for (let i = 0; i < this.width; i++) {
      const term = rows[start + i] * this.logs[i];
      sum += term;
      size += Math.abs(term);
    }
    // Rounding moves the sum by less than this; what is nearer is settled in integers.
    const margin = size * (this.width + 8) * 2 ** -52;
    if (sum > margin) return 1;
    if (sum < -margin) return -1;
    if (size === 0) return 0;
    this.settled += 1;
    return exactSign(this.dims, Array.from(rows.subarray(start, start + this.width)));
  }
}

class Programme {
  /**
   * @param tree order (node by position, breadth first; tensors before `nTensors`, then indices)
   *     and parent (by position, -1 at roots)
   * @param modeOf mode that each index reads, -1 for none
   * @param groupOf group of each index
   * @param multiplicities by group
   */
  constructor(tree, nTensors, modeOf, groupOf, multiplicities) {
    Object.assign(this, { tree, nTensors, modeOf, groupOf, multiplicities });
    const n = tree.order.length;
    this.prefers = new Int8Array(n); // 1: a tensor's subtree is cheaper on A; -1: on B
    this.joinsA = new Uint8Array(n); // an index does, rather than be cut, if A is above it
    this.joinsB = new Uint8Array(n);
  }

  /** Set the dims, BigInt by group. */
  setDims(dims) {
    const distinct = [...new Set(dims.filter((dim) => dim > 1n))];
    this.comparer = new Comparer(distinct);
    this.columnOf = dims.map((dim) => distinct.indexOf(dim));
    const size = this.tree.order.length * distinct.length;
    this.a = new Float64Array(size);
    this.b = new Float64Array(size);
  }

  /** Find a least cut: sideA holds 1 for modes on A. Among equal ones, the nearest to the root. */
  solve(sideA) {
    this.ascend(sideA);
    return this.descend(sideA);
  }

  // For tensors `a` gathers f(A) / f(B). For indices `a` gathers what it costs to have all
  // below on A rather than as each likes, and `b` the same for B.
  ascend(sideA) {
    const { tree, nTensors, modeOf } = this;
    this.a.fill(0);
    this.b.fill(0);
    for (let p = tree.order.length - 1; p >= 0; p--) {
      const node = tree.order[p];
      if (node < nTensors) this.passTensor(p);
      else this.passIndex(p, node - nTensors, modeOf[node - nTensors], sideA);
    }
  }

  passTensor(p) {
    const width = this.comparer.width;
    const sign = this.comparer.sign(this.a, p * width);
    this.prefers[p] = -sign;
    const above = this.tree.parent[p];
    if (above < 0 || !sign) return;
    const target = sign > 0 ? this.a : this.b;
    for (let i = 0; i < width; i++) target[above * width + i] += sign * this.a[p * width + i];
  }

  passIndex(p, index, mode, sideA) {
    const width = this.comparer.width;
    const group = this.groupOf[index];
    const cost = [this.columnOf[group], this.multiplicities[group]];
    this.joinsA[p] = (mode < 0 || sideA[mode]) && this.joins(this.a, p, cost) ? 1 : 0;
    this.joinsB[p] = (mode < 0 || !sideA[mode]) && this.joins(this.b, p, cost) ? 1 : 0;
    const above = this.tree.parent[p] * width;
    for (let i = 0; i < width; i++) {
      const onA = this.joinsA[p] ? this.a[p * width + i] : i === cost[0] ? cost[1] : 0;
      const onB = this.joinsB[p] ? this.b[p * width + i] : i === cost[0] ? cost[1] : 0;
      this.a[above + i] += onA - onB;
    }
  }

  /** Whether a price is below the cost of the index; at equal price the index itself is cut. */
  joins(prices, p, [column, multiplicity]) {
    // A dim of 1 costs nothing to cut.
    if (column < 0) return false;
    const start = p * this.comparer.width;
    prices[start + column] -= multiplicity;
    const sign = this.comparer.sign(prices, start);
    prices[start + column] += multiplicity;
    return sign < 0;
  }

  /** Choose sides from the roots down; an index passes on the side of the tensor above it. */
  descend(sideA) {
    const { tree, nTensors, modeOf } = this;
    const onA = new Uint8Array(tree.order.length);
    const nIndices = modeOf.length;
    const result = {
      tensorOnA: new Uint8Array(nTensors),
      indexOnA: new Uint8Array(nIndices),
      cut: new Uint8Array(nIndices),
    };
    for (let p = 0; p < onA.length; p++) {
      const node = tree.order[p];
      const above = tree.parent[p];
      const inherited = above >= 0 ? onA[above] : 0;
      onA[p] = inherited;
      if (node >= nTensors) {
        const mode = modeOf[node - nTensors];
        result.indexOnA[node - nTensors] = inherited;
        if (mode >= 0 && sideA[mode] !== inherited) result.cut[node - nTensors] = 1;
        continue;
      }
      const joined = above >= 0 && (inherited ? this.joinsA[above] : this.joinsB[above]);
      if (!joined && this.prefers[p]) onA[p] = this.prefers[p] > 0 ? 1 : 0;
      if (above >= 0 && onA[p] !== inherited) result.cut[tree.order[above] - nTensors] = 1;
      result.tensorOnA[node] = onA[p];
    }
    return result;
  }
}

/** Exponent of every group in the cut. */
function exponentsOf(cut, groupOf, multiplicities) {
  const exponents = multiplicities.map(() => 0);
  cut.forEach((isCut, index) => {
    if (isCut) exponents[groupOf[index]] += multiplicities[groupOf[index]];
  });
  return exponents;
}
