/** @file A teacher of some of the data's classes: what is compared, stored, counted and refused. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateReference } from "../../test/reference/evaluate.ts";
import { wrongDerivative } from "../../test/support/central-differences.ts";
import { assertClose } from "../../test/support/close.ts";
import {
  type Dataset,
  memoryStore,
  onlyClasses,
  openSoftLabels,
  recombine,
  recordedAccuracy,
  type SoftLabels,
  subset,
  teacherAccuracy,
} from "../data/index.ts";
import { gradients } from "../engine/autodiff/index.ts";
import { input } from "../engine/graph/index.ts";
import { initialParameters } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { withAdversarial } from "./adversarial.ts";
import { Distiller } from "./distiller.ts";
import { runJob } from "./job.ts";
import { labelAll } from "./label.ts";
import { type DistillationLossName, softTargetLoss } from "./losses/index.ts";
import { memberLogits, teacherLogits } from "./member-logits.ts";
import { type DistillationLoss, softObjective } from "./objective.ts";
import { packageWeights } from "./package-weights.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  checksOf,
  data,
  failure,
  finish,
  outcome,
  randomModel,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { studentFile } from "./student-file.ts";
import { checkTeacherAgainstPackage } from "./teacher-check.ts";
import {
  assertModelFits,
  ensembleTeacher,
  type Teacher,
  validationWeights,
} from "./teachers/index.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import { onnxTeacher } from "./teachers/onnx-teacher.ts";
import { teacherTestAccuracy, testAccuracy } from "./test-accuracy.ts";
import { writeModel } from "./training/model-file.ts";

/** Of left, middle, right it knows two, in another order. */
const known = ["right", "left"];

let runtime: Runtime;
let teacher: Teacher;
let other: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  [teacher, other] = [await partial(7), await partial(8)];
});
afterAll(() => runtime.close());

/** A network of random weights with two outputs. */
async function partial(seed: number): Promise<Teacher> {
  return networkTeacher(runtime, randomModel([12], seed, 2, known));
}

const given = (from: Teacher) => ({ kind: "given", teacher: from }) as const;

async function packageOf(from: Teacher): Promise<SoftLabels> {
  const store = memoryStore();
  await labelAll({ teacher: from, dataset: data.train, store, teacherClasses: known });
  return openSoftLabels(store);
}

/** By hand: the name of the largest logit against the label's name, of samples that it knows. */
async function countedByHand(from: Teacher, part: Dataset) {
  const logits = await teacherLogits(from, part);
  const names = Array.from(part.labels, (label) => part.classNames[label] ?? "none");
  const named = names.map((_, at) => known[logits[2 * at]! >= logits[2 * at + 1]! ? 0 : 1]);
  const judged = names.filter((name) => known.includes(name)).length;
  return { labelled: judged, correct: names.filter((name, at) => name === named[at]).length };
}

describe("the term over the teacher's classes", () => {
  const url = new URL("../../test/golden/losses/teacher-classes.json", import.meta.url);
  // written by scripts/golden/teacher_classes.py
  const golden = JSON.parse(readFileSync(url, "utf8"));
  const classNames = ["a", "b", "c", "d", "e"];
  const [samples, members] = [6, 2];
  /** a term of logits asks for no inner values */
  const noInner = {} as Parameters<ReturnType<typeof softObjective>["objective"]["terms"]>[2];

  /** The soft term of a run's own objective, and its gradient, in float64. */
  function termOf(loss: DistillationLossName, student: ArrayLike<number>) {
    const manifest = {
      classNames,
      teacherClasses: golden.columns.map((column: number) => classNames[column]),
      classCount: 3,
      combine: "arithmetic",
      members: Array.from({ length: members }, () => ({ kind: "logits" })),
    };
    const { objective } = softObjective({
      dataset: { ...data.train, length: samples },
      batchSize: samples,
      softLabels: { manifest } as unknown as SoftLabels, // nothing else is asked of it here
      rows: new Int32Array(samples),
      spec: { loss },
    });
    const logits = input("student", "float32", [samples, 5]);
    const term = objective.terms(logits, logits, noInner).find(({ name }) => name === "soft")!.loss;
    const inputs = [logits, ...objective.perStep];
    const outputs = [
      { name: "value", value: term },
      { name: "gradient", value: gradients(term, [logits])[0]! },
    ];
    const feeds = {
      student: { shape: [samples, 5], data: Float64Array.from(student) },
      teacherLogits: { shape: [samples, members, 3], data: Float64Array.from(golden.teacher) },
      softSampleWeights: { shape: [samples], data: Float64Array.from(golden.weights) },
      temperature: { shape: [], data: Float64Array.of(golden.temperature) },
    };
    const unused = Object.fromEntries(
      objective.perStep
        .filter(({ name }) => !(name in feeds))
        .map(({ name, shape }) => [name, { shape, data: new Float64Array(shape[0] ?? 1) }]),
    );
    return evaluateReference({ name: "term", inputs, outputs }, { ...unused, ...feeds });
  }

  test.each<DistillationLossName>(["softTargets", "logits", "totalVariation"])(
    "%s is PyTorch's, and no logit of another class has a gradient",
    (name) => {
      const expected = golden.cases.find((each: { name: string }) => each.name === name);
      const { value, gradient } = termOf(name, golden.student);
      // float64, sums in another order; of "logits", 1 / 6 is a float32 constant of the graph
      const rtol = name === "logits" ? 1e-7 : 1e-9;
      expect(Math.abs(value!.data[0]! / expected.loss - 1)).toBeLessThan(rtol);
      const wanted = { shape: [samples, 5], data: expected.gradient };
      assertClose("gradient", gradient!, wanted, { rtol, atol: 1e-10 });
      const others = Array.from(gradient!.data).filter((_, at) => [1, 2].includes(at % 5));
      expect(others).toEqual(new Array(2 * samples).fill(0));
    },
  );

  test("a discriminator scores one row alike as the teacher's and as the student's columns", () => {
    const teacherClasses = golden.columns.map((column: number) => classNames[column]);
    const manifest = {
      ...{ classNames, teacherClasses, classCount: 3, combine: "arithmetic" },
      members: [{ kind: "logits" }],
    };
    const options = {
      ...{ dataset: { ...data.train, length: 1 }, batchSize: 1, rows: new Int32Array(1) },
      softLabels: { manifest } as unknown as SoftLabels, // nothing else is asked of it here
      spec: { adversarial: { hidden: [4] } },
    };
    const { objective } = withAdversarial(softObjective(options), options);
    const parameters = initialParameters(objective.parameters ?? [], 3);
    const values = new Map(
      Array.from(parameters, ([name, { shape }]) => [name, input(name, "float32", shape)]),
    );
    const logits = input("student", "float32", [1, 5]);
    const inner = { parameter: (name: string) => values.get(name)! } as typeof noInner;
    const terms = objective.terms(logits, logits, inner);
    const outputs = ["adversarial", "discriminator"].map((name) => ({
      name,
      value: terms.find((each) => each.name === name)!.loss,
    }));
    const row = Float64Array.of(0.3, -1.2, 2.1, 0.7, -0.4);
    const own = Float64Array.from(golden.columns as number[], (column) => row[column]!);
    const one = { shape: [1], data: Float64Array.of(1) };
    const scalarOne = { shape: [], data: Float64Array.of(1) };
    const feeds = Object.fromEntries([
      ...objective.perStep.map(({ name, shape }) => [name, shape.length === 0 ? scalarOne : one]),
      ...Array.from(parameters, ([name, { shape, data: of }]) => [
        name,
        { shape, data: Float64Array.from(of) },
      ]),
      ["teacherLogits", { shape: [1, 3], data: own }],
      ["student", { shape: [1, 5], data: row }],
    ]);
    const inputs = [logits, ...objective.perStep, ...values.values()];
    const found = evaluateReference({ name: "terms", inputs, outputs }, feeds);
    const fooled = found.adversarial!.data[0]!; // −ln σ(s)
    const apart = found.discriminator!.data[0]!; // −ln σ(s) − ln σ(−s) where both scores are s
    expect(apart).toBeCloseTo(fooled - Math.log(1 - Math.exp(-fooled)), 9);
  });

  test("central differences confirm the gradient", () => {
    const student = Float64Array.from(golden.student);
    const gradient = [Float64Array.from(termOf("softTargets", student).gradient!.data)];
    const value = ([moved]: readonly Float64Array[]): number =>
      termOf("softTargets", moved!).value!.data[0]!;
    expect(wrongDerivative({ inputs: [student], gradient, seed: 1, value })).toBeNull();
  });
});

describe("its soft labels", () => {
  test("have its own classes in its own order, and count their samples alone", async () => {
    const softLabels = await packageOf(teacher);
    const { classNames, teacherClasses, classCount } = softLabels.manifest;
    expect({ classNames, teacherClasses, classCount }).toEqual({
      classNames: ["left", "middle", "right"],
      teacherClasses: known,
      classCount: 2,
    });
    const counts = await countedByHand(teacher, data.train);
    expect(recordedAccuracy(softLabels.manifest)).toMatchObject(counts);
    expect(teacherAccuracy(softLabels)).toMatchObject(counts);
    expect(counts.labelled).toBeLessThan(data.train.length);
  });

  test("of an ensemble are combined and counted anew by its classes", async () => {
    const softLabels = await packageOf(ensembleTeacher([teacher, other]));
    const alone = recombine(softLabels, { weights: [0, 1] });
    expect(recordedAccuracy(alone.manifest)).toMatchObject(await countedByHand(other, data.train));
  });

  test("give the student that the run gives, and the one that asks the teacher live", async () => {
    const teacherClasses = known;
    const options = { teacherClasses, seeds: [1], arms: ["distilled"] } as const;
    const run = runDistillation(tinyRun(runtime, { kind: "given", teacher }, options));
    const { value, events } = await finish(run);
    expect(checksOf(events)).toMatchObject({ J4: true, J5: true, J6: true, J7: true });
    const job = await tinyJob(teacher, { teacherClasses }, { teacherClasses });
    const away = (await finish(runJob(job, { runtime }))).value;
    expect(writeModel(away.model)).toEqual(writeModel(value.arms[0]!.runs[0]!.job.model));
    const live = { ...job, soft: { ...job.soft!, live: teacher } };
    expect(outcome((await finish(runJob(live, { runtime }))).value)).toEqual(outcome(away));
  });
});

describe("by its own labels", () => {
  test("weights are chosen on a package's validation samples, where it knows some", async () => {
    const both = ensembleTeacher([teacher, other]);
    const store = memoryStore();
    const { validation: dataset } = data;
    const settings = { dataset, store, precision: "float32", teacherClasses: known } as const;
    await labelAll({ teacher: both, ...settings });
    const softLabels = await openSoftLabels(store);
    const part = onlyClasses(dataset, known);
    const expected = validationWeights(await memberLogits(both, part), part.labels, both);
    expect(packageWeights(softLabels, dataset)).toEqual(expected);
    const middles = [...dataset.labels.keys()].filter((at) => dataset.labels[at] === 1);
    const none = subset(dataset, middles, "middles");
    expect(() => packageWeights(softLabels, none)).toThrow(
      "validation samples of classes that the teacher knows, got none of right, left",
    );
  });

  test("its package is checked against it", async () => {
    const softLabels = await packageOf(teacher);
    const found = await checkTeacherAgainstPackage({ teacher, dataset: data.train, softLabels });
    const { labelled, correct } = await countedByHand(teacher, data.train);
    const counts = { labelled, correctByTeacher: correct, correctByPackage: correct };
    expect(found).toMatchObject({ asked: data.train.length, ...counts });
  });

  test("its test accuracy has the interval of its own samples' groups", async () => {
    const groups = Array.from(data.test.labels, (_, at) => `group ${at % 7}`);
    const { manifest } = await packageOf(teacher);
    const taught = await teacherLogits(teacher, data.test);
    const found = teacherTestAccuracy(
      { teacherTestLogits: taught, manifest },
      { ...data.test, groups },
    );
    const own = [...data.test.labels.keys()].filter((at) => data.test.labels[at] !== 1);
    const logits = own.flatMap((at) => [taught[2 * at]!, taught[2 * at + 1]!]);
    const labels = Int32Array.from(own, (at) => (data.test.labels[at] === 2 ? 0 : 1));
    const expected = { labels, groups: own.map((at) => groups[at]!) };
    expect(found).toEqual(testAccuracy([Float32Array.from(logits)], expected));
  });
});

test("a discriminator compares logits of its classes, a feature a layer of all samples", async () => {
  const features = [{ student: "hidden1", teacher: "hidden1" }];
  const distillation = { adversarial: { hidden: [4] }, features };
  const options = { teacherClasses: known, seeds: [1], arms: ["distilled"], distillation } as const;
  const { events, value } = await finish(
    runDistillation(tinyRun(runtime, { kind: "given", teacher }, options)),
  );
  expect(checksOf(events)).toMatchObject({ J4: true, J5: true, J6: true, J7: true });
  expect(value.arms[0]!.description).toContain("discriminator 4");
});

test("J1 compares it with the student of as many outputs, with a start as without", async () => {
  const sizes = async (hidden: number): Promise<string> => {
    const student = { family: "mlp", hidden: [hidden] } as const;
    const start = randomModel([hidden], 3);
    const options = { teacherClasses: known, student, start, seeds: [1] };
    return (await failure(finish(runDistillation(tinyRun(runtime, given(teacher), options))))).code;
  };
  const own = { student: { family: "mlp", hidden: [12] }, teacherClasses: known } as const;
  const { events } = await finish(runDistillation(tinyRun(runtime, given(teacher), own)));
  expect(checksOf(events)).toMatchObject({ J1: true }); // with three outputs it is the larger
  expect(await sizes(13)).toBe("check/J1");
});

test("classes that are the data's own are as if none were named: the same bytes", async () => {
  const whole = await networkTeacher(runtime, randomModel([12], 7, 2));
  const modelOf = async (teacherClasses?: readonly string[]) => {
    const source = { kind: "given", teacher: whole } as const;
    const run = runDistillation(tinyRun(runtime, source, teacherClasses && { teacherClasses }));
    const { arms, manifest } = (await finish(run)).value;
    const { createdBy: _, ...about } = manifest;
    return { about, bytes: writeModel(arms[0]!.runs[0]!.job.model) };
  };
  const all = ["left", "middle", "right"];
  expect(await modelOf(all)).toEqual(await modelOf());
  const options = { teacherClasses: all, distillation: { loss: "dkd" }, seeds: [1] } as const;
  const run = runDistillation(tinyRun(runtime, given(whole), options));
  expect(checksOf((await finish(run)).events)).toMatchObject({ J4: true }); // it has every label's logit
});

test("a teacher that is trained here learns its own classes alone", async () => {
  const network = { family: "mlp", hidden: [12] } as const;
  const training = { epochs: 2, batchSize: 16 };
  const source = { kind: "train", teacher: { network, training, members: 2 } } as const;
  const more = { teacherClasses: known, arms: ["distilled"] as const };
  const { value } = await finish(runDistillation(tinyRun(runtime, source, more)));
  expect(value.teacher!.classNames).toEqual(known);
  expect(value.teacherTestLogits).toHaveLength(2 * data.test.length);
  expect(value.manifest.members).toHaveLength(2);
  const seen = onlyClasses(data.train, known);
  expect(seen.classNames).toEqual(known);
  expect(new Set(seen.labels)).toEqual(new Set([0, 1]));
});

describe("refused before work starts", () => {
  const refused = async (more: object, from: Teacher = teacher) => {
    const options = tinyRun(runtime, { kind: "given", teacher: from }, more);
    return failure(finish(runDistillation(options)));
  };
  const teacherClasses = known;

  test("fewer classes where it was not said that they are fewer", async () => {
    const { code, message } = await refused({});
    expect([code, message]).toEqual([
      "teacher/class-mismatch",
      expect.stringContaining("the data has 3 classes and the teacher must give as many logits"),
    ]);
    expect(message).toContain("or, in a recipe, name in teacher.classes those that it knows");
    const model = randomModel([12], 7, 2, known);
    expect(() => assertModelFits(model, "old.safetensors", data.train)).toThrow(
      "in a recipe, teacher.classes names those of a teacher that knows some",
    );
  });

  test("names that are not the teacher's, in its order, or not the data's", async () => {
    const turned = await refused({ teacherClasses: ["left", "right"] });
    expect([turned.code, turned.message]).toEqual([
      "teacher/class-mismatch",
      expect.stringContaining('class 0 is "left" in teacher.classes and must be so'),
    ]);
    const unknown = await refused({ teacherClasses: ["left", "wright"] });
    expect([unknown.code, unknown.message]).toEqual([
      "config/unknown-name",
      expect.stringContaining('Did you mean "right"?'),
    ]);
    for (const names of [["left"], ["left", "left"]])
      expect((await refused({ teacherClasses: names })).code).toBe("config/range");
  });

  test("classes that are no list of names", async () => {
    for (const teacherClasses of [[0, 2], "right"]) {
      const { code, message } = await refused({ teacherClasses });
      expect([code, message]).toEqual([
        "config/type",
        expect.stringContaining(`a list of names, got ${JSON.stringify(teacherClasses)}`),
      ]);
    }
  });

  test.each(["dkd", "nkd", "wsld"])("%s, which needs the label's logit", async (loss) => {
    const { code, message } = await refused({ teacherClasses, distillation: { loss } });
    expect([code, message]).toEqual([
      "config/conflict",
      expect.stringContaining(`${loss}, and a teacher whose logits are of right, left`),
    ]);
  });

  test("specialists, and a package whose classes are others than those that are named", async () => {
    const generalist = { kind: "model", model: randomModel([12], 7) } as const;
    const specialists = { training: { epochs: 1 }, count: 2 };
    const source = { kind: "specialists", generalist, specialists } as const;
    const run = runDistillation(tinyRun(runtime, source, { teacherClasses }));
    expect((await failure(finish(run))).message).toContain("a teacher of right, left alone");
    const silent = await failure(tinyJob(teacher, {}, { teacherClasses }));
    expect([silent.code, silent.message]).toEqual([
      "package/class-mismatch",
      expect.stringContaining("Write classes: [right, left] in the section teacher"),
    ]);
    const whole = await networkTeacher(runtime, randomModel([12], 7));
    const wrong = await failure(tinyJob(whole, { teacherClasses }));
    expect(wrong.message).toContain("Leave teacher.classes out");
  });

  test("test samples of other classes alone", async () => {
    const middles = [...data.test.labels.keys()].filter((at) => data.test.labels[at] === 1);
    const part = { ...data, test: subset(data.test, middles, "middles") };
    const { code, message } = await refused({ teacherClasses, data: part });
    expect([code, message]).toEqual([
      "data/classes",
      expect.stringContaining("judged by test samples of the classes that it knows, got none of"),
    ]);
  });

  test("a class without samples, for a teacher that is to be trained", async () => {
    const labels = data.train.labels.map((label) => (label === 2 ? -1 : label));
    const train = { ...data.train, labels };
    const network = { family: "mlp", hidden: [12] } as const;
    const source = { kind: "train", teacher: { network, training: { epochs: 1 } } } as const;
    const options = tinyRun(runtime, source, { teacherClasses, data: { ...data, train } });
    const { code, message } = await failure(finish(runDistillation(options)));
    expect([code, message]).toEqual(["data/classes", expect.stringContaining("none of right")]);
  });
});

test("training and validation may be without any sample that the teacher knows", async () => {
  const middles = (part: Dataset): Dataset => {
    const chosen = [...part.labels.keys()].filter((at) => part.labels[at] === 1);
    return subset(part, chosen, `${part.name}, middles`);
  };
  const parts = { ...data, train: middles(data.train), validation: middles(data.validation) };
  const source = {
    kind: "ensemble",
    members: [teacher, other].map(given),
    weights: [2, 1],
  } as const;
  const more = { teacherClasses: known, data: parts, start: randomModel([8], 3, 1, known) };
  const { value, events } = await finish(runDistillation(tinyRun(runtime, source, more)));
  expect(checksOf(events)).toMatchObject({ J5: true, J6: true });
  expect(recordedAccuracy(value.manifest)).toMatchObject({ labelled: 0, accuracy: null });
  expect(value.manifest.weights).toEqual([2, 1]);
});

test("an .onnx file of fewer classes is opened by their names", async () => {
  const model = studentFile(randomModel([12], 7, 2, known)).bytes;
  const file = { model, file: "old.onnx", dataset: data.train };
  const opened = await onnxTeacher(runtime, { ...file, classNames: known });
  expect(opened.classNames).toEqual(known);
  const [own, expected] = [
    await teacherLogits(opened, data.test),
    await teacherLogits(teacher, data.test),
  ];
  expect(Math.max(...own.map((z, at) => Math.abs(z - expected[at]!)))).toBeLessThan(1e-5); // float32 sums of size 1
  expect((await failure(onnxTeacher(runtime, file))).code).toBe("teacher/class-mismatch");
  const turned = onnxTeacher(runtime, { ...file, classNames: ["left", "right"] });
  expect((await failure(turned)).message).toContain('class 0 is "left" in teacher.classes');
  await opened.close();
});

test("a Distiller has its accuracy on the samples of its classes", async () => {
  const student = { family: "mlp", hidden: [8] } as const;
  const open = () => nodeRuntime({ worker: false });
  const distiller = new Distiller({ teacher, teacherClasses: known, student }, open);
  const { teacher: found } = await distiller.fit(data, { epochs: 1, seeds: [1] });
  const { correct, labelled } = await countedByHand(teacher, data.test);
  expect(found.accuracy).toBeCloseTo(correct / labelled, 12);
});

test("a loss of one's own sees the teacher's columns, and no labels", async () => {
  const seen: unknown[] = [];
  const loss: DistillationLoss = (student, taught, { hardLabels, sampleWeights, temperature }) => {
    seen.push(student.shape.at(-1), hardLabels);
    return softTargetLoss(student, taught, { sampleWeights, temperature });
  };
  const more = { teacherClasses: known, loss, arms: ["distilled"] as const };
  await finish(runDistillation(tinyRun(runtime, { kind: "given", teacher }, more)));
  expect(new Set(seen)).toEqual(new Set([2, null]));
});

test("precisions are compared over its classes, by test samples of these alone", async () => {
  const more = { teacherClasses: known, precisions: true } as const;
  const { value } = await finish(runDistillation(tinyRun(runtime, given(teacher), more)));
  const row = value.precisions.find(({ precision }) => precision === value.manifest.precision)!;
  const [student] = value.arms.find(({ arm }) => arm === "distilled")!.runs;
  const taught = await teacherLogits(teacher, data.test);
  const shares = (logits: readonly number[]): readonly number[] => {
    const exps = logits.map(Math.exp);
    return exps.map((each) => each / exps.reduce((sum, one) => sum + one, 0));
  };
  const each = [...data.test.labels.keys()].flatMap((at) => {
    if (data.test.labels[at] === 1) return [];
    const p = shares([taught[2 * at]!, taught[2 * at + 1]!]);
    const q = shares([student!.testLogits[3 * at + 2]!, student!.testLogits[3 * at]!]); // right, left
    return [p.reduce((sum, share, index) => sum + share * Math.log(share / q[index]!), 0)];
  });
  const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
  expect(row.studentKlNats).toBeCloseTo(mean, 6); // of float32 logits
});
