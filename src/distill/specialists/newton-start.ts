/** @file Eq. 5 of the paper by Newton's method, on a dual with one variable for each specialist. */

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

const mostSteps = 60;
/** nats: what another step could gain */
const enough = 1e-25;

/**
 * Maximises
 *
 *   G(u) = Σ_k a_k ln(λ − Σ_{m: k ∉ S_m} u_m) + Σ_m d_m ln u_m,  λ = 1 + |A|,
 *
 * the dual of F(q) = −Σ_k a_k ln q_k − Σ_m d_m ln Σ_{j ∉ S_m} q_j + const over distributions q.
 * At the maximum u_m = d_m / Σ_{j ∉ S_m} q_j, and q_k = a_k / (λ − Σ_{m: k ∉ S_m} u_m).
 *
 * @param q a distribution above 0 everywhere, to start from
 * @returns float64 [classes], near the minimum of F; null where a term is 0 or rounding stands in
 *   the way
 */
export function newtonStart(q: Float64Array, terms: OpinionTerms): Float64Array | null {
  const { own, dustbins, binned } = terms;
  if (!own.every((a) => a > 0) || !dustbins.every((d) => d > 0)) return null;
  const outside = new Float64Array(dustbins.length);
  for (const [k, list] of binned.entries()) for (const m of list) outside[m]! += q[k]!;
  if (!outside.every((mass) => mass > 0)) return null;
  const u = dustbins.map((d, m) => d / outside[m]!);
  const lambda = 1 + dustbins.length;
  const most = lambda - Math.min(...slacksOf(u, terms));
  if (most >= lambda) for (const m of u.keys()) u[m]! *= (0.9 * lambda) / most;
  for (let step = 0; step < mostSteps; step++) {
    const slacks = slacksOf(u, terms);
    const { gradient, curvature } = derivativesAt(u, slacks, terms);
    const direction = solved(curvature, gradient);
    if (direction === null) return null;
    const gain = direction.reduce((sum, each, m) => sum + each * gradient[m]!, 0);
    if (!(gain > enough)) return gain >= 0 ? own.map((a, k) => a / slacks[k]!) : null;
    const size = stepSize({ u, slacks, direction, gain }, terms);
    if (size === 0) return null;
    for (const m of u.keys()) u[m]! += size * direction[m]!;
  }
  return null;
}

/** @returns λ − Σ_{m: k ∉ S_m} u_m for each class */
function slacksOf(u: Float64Array, { binned }: OpinionTerms): Float64Array {
  const slacks = new Float64Array(binned.length).fill(1 + u.length);
  for (const [k, list] of binned.entries()) for (const m of list) slacks[k]! -= u[m]!;
  return slacks;
}

/** @returns G′, [specialists], and −G″, [specialists][specialists], which is positive definite */
function derivativesAt(
  u: Float64Array,
  slacks: Float64Array,
  { own, dustbins, binned }: OpinionTerms,
): { readonly gradient: Float64Array; readonly curvature: readonly Float64Array[] } {
  const gradient = dustbins.map((d, m) => d / u[m]!);
  const curvature = Array.from(gradient, (each, m) => {
    const row = new Float64Array(u.length);
    row[m] = each / u[m]!;
    return row;
  });
  for (const [k, list] of binned.entries()) {
    const q = own[k]! / slacks[k]!;
    const weight = q / slacks[k]!;
    for (const m of list) {
      gradient[m]! -= q;
      const row = curvature[m]!;
      for (const n of list) row[n]! += weight;
    }
  }
  return { gradient, curvature };
}

/** Solves A x = b by Cholesky. @returns x, or null if A is not positive definite to rounding */
function solved(matrix: readonly Float64Array[], b: Float64Array): Float64Array | null {
  const lower = matrix.map((row) => Float64Array.from(row));
  const x = Float64Array.from(b);
  for (const [i, row] of lower.entries()) {
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * lower[j]![k]!;
      if (j < i) row[j] = sum / lower[j]![j]!;
      else if (sum > 0) row[i] = Math.sqrt(sum);
      else return null;
    }
    for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
    x[i]! /= row[i]!;
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}

interface Step {
  readonly u: Float64Array;
  readonly slacks: Float64Array;
  readonly direction: Float64Array;
  /** directional derivative of G */
  readonly gain: number;
}

/** @returns how far to go: 1, less near the border, or until G rises as it should; 0: nowhere */
function stepSize({ u, slacks, direction, gain }: Step, terms: OpinionTerms): number {
  const change = slacksOf(direction, terms).map((slack) => slack - (1 + u.length)); // linear in u
  const toBorder = (values: Float64Array, by: Float64Array): number =>
    values.reduce(
      (most, value, i) => (by[i]! < 0 ? Math.min(most, value / -by[i]!) : most),
      Infinity,
    );
  let size = Math.min(1, 0.99 * toBorder(u, direction), 0.99 * toBorder(slacks, change));
  if (gain < 1e-8) return size; // the differences of G drown in rounding
  const rise = (by: number): number =>
    terms.own.reduce((sum, a, k) => sum + a * Math.log1p((by * change[k]!) / slacks[k]!), 0) +
    terms.dustbins.reduce((sum, d, m) => sum + d * Math.log1p((by * direction[m]!) / u[m]!), 0);
  for (let halvings = 0; halvings < 40; halvings++, size /= 2)
    if (rise(size) >= 1e-4 * size * gain) return size;
  return 0;
}
