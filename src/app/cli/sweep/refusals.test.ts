/** @file A sweep refuses before its first training what the training of a point would refuse. */

import { expect, test } from "vitest";
import { preparedSweep, useTinyTable } from "./small-sweep.cases.ts";

const folder = useTinyTable();

/** @param more lines of the recipe. @returns points of the checked sweep */
async function points(axis: string, more = "", scratch = false): Promise<number> {
  const { plans } = await preparedSweep(folder.path, folder.recipe + more, [axis], scratch);
  return plans.length;
}

test("an augmentation that the soft labels are without, with and without --scratch", async () => {
  const axis = "training.augmentation={mixup: {alpha: 0.2}},{mixup: {alpha: 0.4}}";
  for (const scratch of [false, true])
    await expect(points(axis, "", scratch)).rejects.toThrow(
      "can only see views that the teacher has labelled",
    );
  const labels = "labels: { views: 2, augmentation: { mixup: { alpha: 0.2 } } }\n";
  expect(await points(axis, labels, true)).toBe(2);
});

test("biases that cannot be corrected", async () => {
  const shared = "transfer: { withoutClasses: [class2], biasCorrection: shared }\n";
  await expect(points("training.quantizationAware={},{bits: 4}", shared)).rejects.toThrow(
    "a quantised student's ranges do not hold for corrected biases",
  );
  await expect(points("transfer.biasCorrection=perClass,shared")).rejects.toThrow(
    "a shared bias is that of classes without samples",
  );
  expect(await points("T=1,4", shared)).toBe(2);
});

test("points of several providers: their latencies could not be compared", async () => {
  await expect(points("provider=cpu,webgpu")).rejects.toThrow(
    "sweep, provider: all points of a sweep must run on one provider, since their latencies are compared, got cpu and webgpu. Give one, such as provider=cpu, and another sweep for each other.",
  );
  await expect(points("provider=cpu,gpu")).rejects.toThrow('unknown provider "gpu"');
  const onGpu = "provider: webgpu\n";
  await expect(points("provider=cpu,webgpu", onGpu)).rejects.toMatchObject({
    code: "config/conflict",
  });
  expect(await points("provider=cpu", onGpu)).toBe(1);
});

test("weights under which nothing is learned", async () => {
  const hard = "distillation: { hardWeight: 0 }\n";
  await expect(points("distillation.softWeight=0,0.9", hard)).rejects.toThrow(
    "must not both be 0: nothing would be learned",
  );
});

test("features: students of a sweep train from packages", async () => {
  const features = "distillation: { features: [{ student: hidden1, teacher: hidden1 }] }\n";
  await expect(points("T=1,4", features)).rejects.toThrow(
    "sweep, whose students train from packages, features: features come from a teacher",
  );
});
