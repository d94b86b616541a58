/** @file One distribution from a generalist and its specialists: Eq. 5 of the paper. */

import { ConfigError } from "../../errors/index.ts";
import { sumTolerance } from "../teachers/output-values.ts";
import { isInside, newtonStep, type OpinionTerms } from "./newton-step.ts";

/** What a specialist says of one sample. */
export interface SpecialistOpinion {
  /** classes that it tells apart, as indices of the generalist's, each once */
  readonly classes: readonly number[];
  /**
   * [classes + 1], sums to 1; the last is the dustbin: all other classes together, 0 if there are
   * none
   */
  readonly probabilities: ArrayLike<number>;
}

/** The sum is within so many nats of the smallest possible one. */
const tolerance = 1e-12;
/** rounds after which steps of Newton's method are put between them */
const patience = 20;
const mostSteps = 200;
/** a step's work grows with the cube of the classes; beyond that, rounds alone */
const mostClasses = 256;
const mostRounds = 100_000;

/**
 * The distribution q that minimises
 *
 *   F(q) = KL(p^g ‖ q) + Σ_m KL(p^m ‖ q),
 *
 * where for specialist m the mass of q over the classes that it does not tell apart is summed and
 * compared with its dustbin.
 *
 * F is convex, and q a mixture with missing detail: expectation–maximisation,
 *
 *   q_k ← (p^g_k + Σ_m [k ∈ S_m ? p^m_k : p^m_dustbin · q_k / Σ_{j ∉ S_m} q_j]) / (1 + |A|),
 *
 * never increases it. Stops when max_k (r_k − 1) · (1 + |A|), which bounds F(q) − min F, is below
 * 1e-12 nats; r_k is the factor by which q_k would grow. With many specialists that can take
 * 100,000 rounds, so after 20 of them steps of Newton's method are put between them, up to 256
 * classes; after 200 steps rounding is what keeps the bound up. The paper uses gradient descent on
 * logits; the minimum is the same one. With one specialist q is found in a single step: p^m and p^g
 * are averaged on S_m, and the rest is the generalist's, scaled. Without specialists q = p^g.
 *
 * @param generalist p^g, [classes], sums to 1
 * @param opinions of the specialists that are asked, A
 * @returns float64 [classes], sums to 1
 * @throws ConfigError "specialists/opinion" if an opinion has not one probability for each of its
 *   classes and the dustbin, its classes are not the generalist's or come twice, its dustbin has
 *   mass and no class to give it to, or probabilities are below 0 or don't sum to 1 within 1e-3.
 *   NaN is not looked for: q is NaN too
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §5.4, Eq. 5,
 *   arXiv:1503.02531
 */
export function combineSpecialists(
  generalist: ArrayLike<number>,
  opinions: readonly SpecialistOpinion[],
): Float64Array {
  assertDistribution("a generalist", generalist);
  for (const opinion of opinions) assertOpinion(opinion, generalist.length);
  const p: Float64Array = Float64Array.from(generalist);
  if (opinions.length === 0) return p;
  const asked = { generalist, opinions, special: opinions.map((each) => placesOf(each, p.length)) };
  const first = settled(p, asked, patience);
  if (first.isMinimum) return first.q;
  const terms = termsOf(asked);
  return p.length <= mostClasses && isInside(terms)
    ? settled(first.q, asked, mostSteps, (q) => newtonStep(q, terms)).q
    : settled(first.q, asked, mostRounds).q;
}

interface Asked {
  readonly generalist: ArrayLike<number>;
  readonly opinions: readonly SpecialistOpinion[];
  /** for each opinion the place of every class among the specialist's, or −1 */
  readonly special: readonly Int32Array[];
}

/** Rounds from q until the bound is small enough, or so many; `between` two of them a step more. */
function settled(
  q: Float64Array,
  asked: Asked,
  rounds: number,
  between = (each: Float64Array): Float64Array => each,
): { readonly q: Float64Array; readonly isMinimum: boolean } {
  for (let round = 0; round < rounds; round++) {
    const from = round === 0 ? q : between(q);
    q = improved(from, asked);
    if (largestGrowth(from, q) * (1 + asked.opinions.length) < tolerance)
      return { q, isMinimum: true };
  }
  return { q, isMinimum: false };
}

/** @returns for each class its place among a specialist's, or −1 */
function placesOf({ classes }: SpecialistOpinion, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  for (const [place, index] of classes.entries()) {
    // −1 alone is a class that there is, and free
    if (places[index] !== -1)
      throw refused(
        `a specialist's classes are different ones of the generalist's, 0 … ${count - 1}`,
        classes.join(", "),
        "Give each class once, as the generalist numbers it",
      );
    places[index] = place;
  }
  return places;
}

function termsOf({ generalist, opinions, special }: Asked): OpinionTerms {
  const own = Float64Array.from(generalist);
  for (const { classes, probabilities } of opinions)
    for (const [place, k] of classes.entries()) own[k]! += probabilities[place]!;
  const all = [...special.keys()];
  return {
    own,
    dustbins: Float64Array.from(opinions, (each) => each.probabilities[each.classes.length]!),
    binned: Array.from(own, (_, k) => all.filter((m) => special[m]![k]! < 0)),
  };
}

/** One step of expectation–maximisation. */
function improved(q: Float64Array, { generalist, opinions, special }: Asked): Float64Array {
  const next = Float64Array.from(generalist);
  for (const [m, { classes, probabilities }] of opinions.entries()) {
    const places = special[m]!; // as many as opinions
    const dustbin = probabilities[classes.length]!; // asserted
    const outside = q.reduce((sum, mass, k) => (places[k]! < 0 ? sum + mass : sum), 0);
    const others = q.length - classes.length;
    for (let k = 0; k < q.length; k++) {
      const place = places[k]!;
      if (place >= 0) next[k]! += probabilities[place]!;
      else next[k]! += outside > 0 ? (dustbin * q[k]!) / outside : dustbin / others;
    }
  }
  return next.map((mass) => mass / (1 + opinions.length));
}

/** @returns max_k q'_k / q_k − 1 */
function largestGrowth(before: Float64Array, after: Float64Array): number {
  return after.reduce(
    (most, mass, k) => (mass > 0 ? Math.max(most, mass / before[k]! - 1) : most),
    0,
  );
}

function assertOpinion({ classes, probabilities }: SpecialistOpinion, count: number): void {
  if (probabilities.length !== classes.length + 1)
    throw refused(
      "a specialist gives one probability for each of its classes and one for the dustbin",
      `${probabilities.length} for ${classes.length} classes`,
      "Give the dustbin's last",
    );
  const dustbin = probabilities[classes.length]!; // asserted
  if (classes.length === count && dustbin > 0)
    throw refused(
      "the dustbin of a specialist of all classes has none to give its mass to, and must be 0",
      String(dustbin),
      "Leave a class to the dustbin, or the specialist out",
    );
  assertDistribution("a specialist", probabilities);
}

/** NaN passes: what stores soft labels refuses it, and names the sample. */
function assertDistribution(who: string, probabilities: ArrayLike<number>): void {
  let [sum, least] = [0, 0];
  for (let k = 0; k < probabilities.length; k++) {
    sum += probabilities[k]!;
    least = Math.min(least, probabilities[k]!);
  }
  const fix = "Give softmax of its logits";
  if (least < 0) throw refused(`${who}'s probabilities are at least 0`, String(least), fix);
  if (Math.abs(sum - 1) > sumTolerance)
    throw refused(`${who}'s probabilities sum to 1`, String(sum), fix);
}

function refused(rule: string, got: string, fix: string): ConfigError {
  return new ConfigError("specialists/opinion", { where: "combineSpecialists", rule, got, fix });
}
