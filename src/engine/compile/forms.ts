/** @file Which of several ways a graph is written in ONNX. */

/**
 * Which ONNX form each operator takes: its name → one of its `forms`. Operators not named take
 * their first form. `layout` → how images lie: "blocked-8" or "blocked-16" is the runtime's own
 * (passes/blocked-layout/), for operators that are not named or named "training".
 */
export type FormChoice = Readonly<Record<string, string>>;

/**
 * Forms that are quicker in training, where the batch size is fixed and kernels change, than in
 * inference.
 *
 * @param convolutionBlock the runtime's; 0 keeps to the standard operator set
 */
export function trainingForms(convolutionBlock = 0): FormChoice {
  const forms = { conv2d: "training", conv2dInputGrad: "training" };
  return convolutionBlock === 0 ? forms : { ...forms, layout: `blocked-${convolutionBlock}` };
}
