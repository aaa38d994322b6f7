// The least cut as a minimum of products, for all dims at once, as tnet.min_cut_formula gives it:
// the same programme over sets of exponent vectors, pruned to the vertices of their lower hull.

const MOST_TERMS = 300;
const FAST_PIVOTS = 60;
const SHORT_ENTRY = 2 ** 22;

class TooLong extends Error {}

/**
 * Weights y >= 0 with y v < y u for all u in `others`; null if there are none, as then `others`
 * combine to something nowhere above `vector`.
 */
function separating(vector, others) {
  const found = direction(vector, others, Number);
  return found === undefined ? direction(vector, others, BigInt) : found;
}

/** The same in integers of one kind; undefined where a Number would round. */
function direction(vector, others, integer) {
  // The simplex method, maximising the sum of the weights w >= 0 with sum w (u - v) <= 0. All
  // limits are 0, so it is 0 or unbounded, and a row may be scaled by itself.
  const [zero, one] = [integer(0), integer(1)];
  const rows = vector.map((entry, i) => [
    ...others.map((other) => integer(other[i] - entry)),
    ...vector.map((_, j) => (i === j ? one : zero)),
  ]);
  rows.push([...others.map(() => one), ...vector.map(() => zero)]);
  const gain = vector.length;
  const basis = vector.map((_, i) => others.length + i);
  for (let pivots = 0; ; pivots++) {
    const enters = entering(rows[gain], zero, pivots);
    // Where no weight gains, the losses of the slacks are the y sought.
    if (enters < 0) return rows[gain].slice(others.length).map((entry) => BigInt(-entry));
    let leaves = -1;
    for (let i = 0; i < gain; i++) {
      if (rows[i][enters] > zero && (leaves < 0 || basis[i] < basis[leaves])) leaves = i;
    }
    if (leaves < 0) return null;
    basis[leaves] = enters;
    for (let i = 0; i <= gain; i++) {
      if (i === leaves || !rows[i][enters]) continue;
      rows[i] = cleared(rows[i], rows[leaves], enters, integer === Number ? 2 ** 52 : Infinity);
      if (!rows[i]) return undefined;
    }
  }
}

/** The column of most gain, which is fast; after many steps the first, which never cycles. */
function entering(gains, zero, pivots) {
  if (pivots > FAST_PIVOTS) return gains.findIndex((entry) => entry > zero);
  let best = -1;
  for (let j = 0; j < gains.length; j++) {
    if (gains[j] > (best < 0 ? zero : gains[best])) best = j;
  }
  return best;
}

/** Subtract from `row` what makes its entry in `column` 0; null above the limit. */
function cleared(row, pivotRow, column, limit) {
  const pivot = pivotRow[column];
  const times = row[column];
  const made = new Array(row.length);
  let largest = pivot - pivot;
  for (let j = 0; j < row.length; j++) {
    const kept = row[j] * pivot;
    const taken = times * pivotRow[j];
    if (kept > limit || kept < -limit || taken > limit || taken < -limit) return null;
    made[j] = kept - taken;
    if (made[j] > largest) largest = made[j];
    else if (-made[j] > largest) largest = -made[j];
  }
  return largest < SHORT_ENTRY ? made : inLowestTerms(made, largest);
}

function inLowestTerms(row, largest) {
  let common = largest;
  for (const entry of row) if (entry) common = gcdOf(common, entry);
  if (common < 0) common = -common;
  return common > 1 ? row.map((entry) => entry / common) : row;
}

/** Keep the vectors that are the only least one for some logs >= 0 of the dims. */
function lowerHull(vectors) {
  const all = undominated(vectors);
  if (all.length <= 2) return all;
  const varying = all[0].map((_, i) => i).filter((i) => all.some((v) => v[i] !== all[0][i]));
  const short = all.map((vector) => varying.map((i) => vector[i]));
  const found = new Set(probes(varying.length).map((y) => firstLeast(short, y)));
  short.forEach((vector, number) => {
    while (!found.has(number)) {
      const y = separating(vector, [...found].map((other) => short[other]));
      if (!y) break;
      const exact = short.map((other) => other.map(BigInt));
      found.add(firstLeast(exact, y));
    }
  });
  return [...found].map((number) => all[number]);
}

/** Directions that find many vertices at little cost. */
function probes(length) {
  let state = 1;
  const entry = () => ((state = (state * 48271) % 2147483647) % 1000) + 1;
  return Array.from({ length: 48 }, () => Array.from({ length }, entry));
}

/** The least vector in a direction; of equal ones the first in order, which is a vertex too. */
function firstLeast(vectors, y) {
  let least = null;
  let first = 0;
  vectors.forEach((vector, number) => {
    const value = vector.reduce((sum, entry, i) => sum + entry * y[i], y[0] - y[0]);
    if (least !== null && value >= least) return;
    [least, first] = [value, number];
  });
  return first;
}

/** Distinct vectors that are nowhere above another, in lexicographic order. */
function undominated(vectors) {
  const distinct = new Map(vectors.map((vector) => [vector.join(), vector]));
  const total = (vector) => vector.reduce((sum, entry) => sum + entry, 0);
  const ascending = [...distinct.values()].sort((u, v) => total(u) - total(v));
  const kept = [];
  for (const vector of ascending) {
    if (!kept.some((other) => other.every((entry, i) => entry <= vector[i]))) kept.push(vector);
  }
  return kept.sort(lexicographic);
}

function lexicographic(u, v) {
  const i = u.findIndex((entry, j) => entry !== v[j]);
  return i < 0 ? 0 : u[i] - v[i];
}

function checked(vectors) {
  if (vectors.length > MOST_TERMS) throw new TooLong();
  return vectors;
}

function least(left, right) {
  return checked(lowerHull([...left, ...right]));
}

function sums(left, right) {
  if (left.length * right.length > 40 * MOST_TERMS) throw new TooLong();
  const all = left.flatMap((u) => right.map((v) => u.map((entry, i) => entry + v[i])));
  return left.length > 1 && right.length > 1 ? checked(lowerHull(all)) : all;
}

/** Finds formulas of one network. Alike subtrees are treated once, and kept for other sides. */
class Formulas {
  constructor(programme) {
    Object.assign(this, { programme, kinds: new Map(), tables: [] });
  }

  /** All terms for a side, rows of exponents by group, descending. */
  terms(sideA) {
    const { tree, nTensors, multiplicities } = this.programme;
    const below = tree.order.map(() => new Map());
    const roots = new Map();
    for (let p = tree.order.length - 1; p >= 0; p--) {
      const kind = this.kindOf(tree.order[p] - nTensors, [...below[p]], sideA);
      const siblings = tree.parent[p] < 0 ? roots : below[tree.parent[p]];
      siblings.set(kind, (siblings.get(kind) || 0) + 1);
    }
    const zero = multiplicities.map(() => 0);
    const terms = productsOf([...roots], this.tables, zero).either;
    return terms.sort((u, v) => lexicographic(v, u));
  }

  /** Number of the kind of a subtree: a tensor (index < 0) or an index, over its children. */
  kindOf(index, children, sideA) {
    const { modeOf, groupOf, multiplicities } = this.programme;
    const mode = index < 0 ? -1 : modeOf[index];
    const reads = mode < 0 ? "" : sideA[mode] ? "A" : "B";
    children.sort(([one], [other]) => one - other);
    const key = `${index < 0 ? "tensor" : groupOf[index] + reads}|${children.join("|")}`;
    if (this.kinds.has(key)) return this.kinds.get(key);
    const inside = productsOf(children, this.tables, multiplicities.map(() => 0));
    const table =
      index < 0
        ? { ...inside, either: least(inside.a, inside.b) }
        : forcedBy(inside, reads, groupOf[index], multiplicities);
    this.kinds.set(key, this.tables.push(table) - 1);
    return this.tables.length - 1;
  }
}

function forcedBy(inside, reads, group, multiplicities) {
  const cut = inside.either.map((vector) =>
    vector.map((entry, i) => entry + (i === group ? multiplicities[i] : 0)),
  );
  return {
    a: reads === "B" ? cut : least(inside.a, cut),
    b: reads === "A" ? cut : least(inside.b, cut),
    either: [],
  };
}

/** Multiply the least products of `children`; k times the hull of one is the hull of k alike. */
function productsOf(children, tables, zero) {
  const product = { a: [zero], b: [zero], either: [zero] };
  for (const [kind, times] of children) {
    for (const state of ["a", "b", "either"]) {
      const scaled = tables[kind][state].map((vector) => vector.map((entry) => entry * times));
      product[state] = sums(product[state], scaled);
    }
  }
  return product;
}

/** The formula in Python, over the groups whose dims vary: outputs are none of them. */
function formulaText(terms, names) {
  const texts = terms.map((term) => {
    const factors = term.map((power, i) => (power > 1 ? `${names[i]}**${power}` : power ? names[i] : ""));
    return factors.filter((factor) => factor).join("*") || "1";
  });
  return texts.length === 1 ? texts[0] : `min(${texts.join(", ")})`;
}
