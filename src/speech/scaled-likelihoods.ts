/** @file From a classifier's scores to what a decoder takes: log p(state | x) − log p(state). */

import { assertStates } from "../data/index.ts";
import { assertInRange, DataError, ShapeError } from "../errors/index.ts";

/**
 * How often each state occurs, with one frame added to each, so that none is 0:
 *
 *   p(s) = (frames of s + 1) / (frames + states)
 *
 * @param labels int32 [frames], of the training part; −1 does not count
 * @returns float64 [states], adding up to 1
 * @throws DataError "data/label-range" for a label that is neither a state nor −1
 */
export function statePriors(labels: Int32Array, states: number): Float64Array {
  assertStates("statePriors", labels, states);
  const counts = new Float64Array(states).fill(1);
  for (const label of labels) if (label >= 0) counts[label]! += 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/**
 * Logarithm of the likelihood of each frame in each state, up to a number that is the same for all
 * states (Bayes' rule), with the prior's weight free:
 *
 *   log softmax(logits) − priorWeight · log priors      [nats]
 *
 * @param logits float32 [frames, states], below ∞; −∞, a state that cannot be, but not all of a
 *   frame's
 * @param priors float64 [states], all positive
 * @param priorWeight at least 0; 1 is Bayes' rule, 0 leaves the posteriors
 * @returns float32 [frames, states]
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range"; DataError "data/not-finite" for
 *   a frame without a softmax
 * @see Bourlard, Morgan (1994), Connectionist Speech Recognition, ch. 7
 */
export function scaledLogLikelihoods(
  logits: Float32Array,
  priors: Float64Array,
  priorWeight = 1,
): Float32Array {
  const states = priors.length;
  assertInRange("scaledLogLikelihoods", { priorWeight }, { from: 0 });
  for (const prior of priors) assertInRange("scaledLogLikelihoods", { prior }, { above: 0, to: 1 });
  if (states === 0 || logits.length % states !== 0)
    throw new ShapeError("shape/mismatch", {
      where: "scaledLogLikelihoods",
      rule: "logits must be [frames, states], with a prior for each state",
      got: `${logits.length} logits and ${states} priors`,
      fix: "Give the priors of the classifier's states",
      details: { logits: logits.length, states },
    });
  const scores = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += states) {
    let largest = -Infinity;
    for (let s = 0; s < states; s++) largest = Math.max(largest, logits[from + s]!);
    if (!Number.isFinite(largest)) throw withoutSoftmax(logits, from, states);
    let sum = 0;
    for (let s = 0; s < states; s++) sum += Math.exp(logits[from + s]! - largest);
    const logSum = largest + Math.log(sum);
    for (let s = 0; s < states; s++)
      scores[from + s] = logits[from + s]! - logSum - priorWeight * Math.log(priors[s]!);
  }
  return scores;
}

/** @param from where the frame begins: one with NaN or ∞, or with −∞ alone */
function withoutSoftmax(logits: Float32Array, from: number, states: number): DataError {
  const odd = logits.subarray(from, from + states).findIndex((logit) => !(logit < Infinity));
  const [frame, state] = [from / states, Math.max(odd, 0)];
  return new DataError("data/not-finite", {
    where: "scaledLogLikelihoods",
    rule: "the largest logit of a frame must be a finite number",
    got: `${logits[from + state]} for ${odd < 0 ? "every state" : `state ${state}`} in frame ${frame}`,
    fix: "Check the model that gave them",
    details: { frame, state },
  });
}
