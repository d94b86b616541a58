/** @file A step of Newton's method for Eq. 5 of the paper, in relative changes of each class. */

/** What Eq. 5 is made of. */
export interface OpinionTerms {
  /**
   * a_k = p^g_k + Σ_m [k ∈ S_m] p^m_k: what generalist and specialists say of each class itself
   */
  readonly own: Float64Array;
  /** d_m: each specialist's dustbin */
  readonly dustbins: Float64Array;
  /** for each class the specialists that have it in their dustbin: m with k ∉ S_m */
  readonly binned: readonly (readonly number[])[];
}

/** No class grows or shrinks by more than e^4 a step. */
const furthest = 4;
const mostHalvings = 30;

/**
 * With δ_k = Δq_k / q_k and p_m,k = [k ∉ S_m] q_k / Σ_{j ∉ S_m} q_j,
 *
 *   (diag(a) + Σ_m d_m p_m p_mᵀ) δ = a + Σ_m d_m p_m − μ q,  μ such that qᵀ δ = 0,
 *
 * is Newton's step for F(q) = −Σ_k a_k ln q_k − Σ_m d_m ln Σ_{j ∉ S_m} q_j on distributions. All
 * coefficients lie between 0 and 1 + |A|, however small a mass is. q_k ← q_k e^{t δ_k}, scaled to
 * sum to 1, with the first t of 1, 1/2, 1/4, … that does not increase F.
 *
 * @param q float64 [classes], a distribution, above 0 everywhere
 * @param terms that are inside
 * @returns the next one; q itself if no t will do
 */
export function newtonStep(q: Float64Array, terms: OpinionTerms): Float64Array {
  const { own, dustbins } = terms;
  const outside = outsideOf(q, terms);
  const pull = Float64Array.from(own);
  const curvature = Array.from(own, (a, k) => {
    const row = new Float64Array(own.length);
    row[k] = a;
    return row;
  });
  for (const [m, d] of dustbins.entries()) {
    const shares = q.map((mass, k) => (terms.binned[k]!.includes(m) ? mass / outside[m]! : 0));
    for (const [k, share] of shares.entries()) {
      if (share === 0) continue;
      pull[k]! += d * share;
      const row = curvature[k]!;
      for (let l = 0; l <= k; l++) row[l]! += d * share * shares[l]!;
    }
  }
  const [x, y] = solved(curvature, [pull, q]);
  const mu = dot(x!, q) / dot(y!, q);
  const delta = x!.map((each, k) => each - mu * y![k]!);
  return descended(q, delta, terms);
}

/** @returns whether no mass of the minimum is 0, and every dustbin has a class in it */
export function isInside({ own, dustbins, binned }: OpinionTerms): boolean {
  const hasClass = dustbins.every((_, m) => binned.some((list) => list.includes(m)));
  return hasClass && own.every((a) => a > 0);
}

/** @returns Σ_{j ∉ S_m} q_j of each specialist */
function outsideOf(q: Float64Array, { dustbins, binned }: OpinionTerms): Float64Array {
  const sums = new Float64Array(dustbins.length);
  for (const [k, list] of binned.entries()) for (const m of list) sums[m]! += q[k]!;
  return sums;
}

/** @returns F but for a constant */
function divergence(q: Float64Array, terms: OpinionTerms): number {
  const outside = outsideOf(q, terms);
  const own = terms.own.reduce((sum, a, k) => sum + a * Math.log(q[k]!), 0);
  return -terms.dustbins.reduce((sum, d, m) => sum + d * Math.log(outside[m]!), own);
}

function descended(q: Float64Array, delta: Float64Array, terms: OpinionTerms): Float64Array {
  const before = divergence(q, terms);
  for (let halvings = 0, t = 1; halvings < mostHalvings; halvings++, t /= 2) {
    const next = q.map((mass, k) => {
      const change = Math.max(-furthest, Math.min(furthest, t * delta[k]!));
      return mass * Math.exp(change);
    });
    const sum = next.reduce((all, mass) => all + mass, 0);
    const scaled = next.map((mass) => mass / sum);
    if (divergence(scaled, terms) <= before) return scaled;
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, each, i) => sum + each * b[i]!, 0);
}

/**
 * Solves A x = b for several b by Cholesky.
 *
 * @param lower triangle of A, float64 [n][n], positive semidefinite, overwritten; a pivot that
 *   rounding has eaten counts as 1e-13 of its diagonal
 * @param right float64 [n] each
 */
function solved(lower: readonly Float64Array[], right: readonly Float64Array[]): Float64Array[] {
  for (const [i, row] of lower.entries()) {
    const smallest = 1e-13 * row[i]!;
    for (let j = 0; j <= i; j++) {
      const other = lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      row[j] = j < i ? sum / other[j]! : Math.sqrt(Math.max(sum, smallest));
    }
  }
  return right.map((b) => {
    const x = Float64Array.from(b);
    for (const [i, row] of lower.entries()) {
      for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
      x[i]! /= row[i]!;
    }
    for (let i = x.length - 1; i >= 0; i--) {
      for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
      x[i]! /= lower[i]![i]!;
    }
    return x;
  });
}
