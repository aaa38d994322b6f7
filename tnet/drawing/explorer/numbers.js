// Exact products of dims, and how they are written. A dim is a BigInt, an exponent a Number.

/** Log2 of a positive BigInt of any length. */
function log2Of(dim) {
  if (dim < 2n ** 1000n) return Math.log2(Number(dim));
  const digits = dim.toString(16);
  // Thirteen hexadecimal digits, 52 bits, are all that a Number holds.
  return Math.log2(parseInt(digits.slice(0, 13), 16)) + 4 * (digits.length - 13);
}

function gcdOf(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

/** Exact sign of prod dims[i] ** exponents[i] - 1, the exponents of either sign. */
function exactSign(dims, exponents) {
  const common = exponents.reduce((sum, exponent) => gcdOf(sum, Math.abs(exponent)), 0) || 1;
  let over = 1n;
  let under = 1n;
  exponents.forEach((exponent, i) => {
    const power = dims[i] ** BigInt(Math.abs(exponent) / common);
    if (exponent > 0) over *= power;
    else under *= power;
  });
  return over > under ? 1 : over < under ? -1 : 0;
}

/** The one integer, least or not, of which both are powers; null if there is none. */
function commonRoot(a, b) {
  // Euclid's algorithm on the exponents: powers of p divide each other, and the quotient is one.
  while (a !== 1n && b !== 1n) {
    if (a < b) [a, b] = [b, a];
    if (a % b) return null;
    a /= b;
  }
  return a === 1n ? b : a;
}

function arePowersOfOne(dims) {
  let root = 1n;
  for (const dim of dims) {
    root = commonRoot(root, dim);
    if (root === null) return false;
  }
  return true;
}

/** Write base^exponent terms, ones left out; an empty product is 1. */
function powersText(powers) {
  const terms = powers
    .filter(([base, exponent]) => exponent && base !== "1")
    .map(([base, exponent]) => (exponent > 1 ? `${base}^${exponent}` : base));
  return terms.join("·") || "1";
}

/** The product of [dim, exponent] pairs: its log2, its text as MinCut prints it, its value. */
function productOf(factors) {
  const merged = new Map();
  for (const [dim, exponent] of factors) merged.set(dim, (merged.get(dim) || 0) + exponent);
  let log2 = 0;
  for (const [dim, exponent] of merged) log2 += exponent * log2Of(dim);
  const value = () => {
    let product = 1n;
    for (const [dim, exponent] of merged) product *= dim ** BigInt(exponent);
    return product;
  };
  if (log2 < Math.log2(1e12)) return { log2, text: String(value()), value, short: true };
  const powers = [...merged].map(([dim, exponent]) => [String(dim), exponent]);
  return { log2, text: `${powersText(powers)} (2^${log2.toFixed(1)})`, value, short: false };
}
