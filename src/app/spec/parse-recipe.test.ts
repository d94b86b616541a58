import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { distillationLosses, featureLosses } from "../../distill/losses/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { namedNetwork } from "./network-schema.ts";
import { checkRecipe, parseRecipe } from "./parse-recipe.ts";
import { resolveRecipe } from "./resolve-recipe.ts";
import { teacherClassesOf } from "./teacher-schema.ts";

const lines = [
  "name: tiny",
  "data: { source: digits }",
  "teacher:",
  "  model: teacher.onnx",
  "student:",
  "  family: mlp",
  "  hidden: [16]",
  "training:",
  "  epochs: 3",
];

/** The recipe with line `at` (from 1) replaced; several lines may stand in for one. */
function withLine(at: number, ...replacement: readonly string[]): string {
  return lines.toSpliced(at - 1, 1, ...replacement).join("\n");
}

function failure(text: string, overrides: readonly string[] = []): string {
  try {
    parseRecipe(text, "r.yaml", overrides);
  } catch (error) {
    if (isDistillError(error)) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "accepted";
}

test("a recipe without errors is read as it stands", () => {
  expect(parseRecipe(lines.join("\n"), "r.yaml")).toEqual({
    name: "tiny",
    data: { source: "digits" },
    teacher: { model: "teacher.onnx" },
    student: { family: "mlp", hidden: [16] },
    training: { epochs: 3 },
  });
});

test("a student may be searched for, around a network or from nothing", () => {
  const board = "    board: blue-pill";
  const alone = withLine(6, "  search:", board, "    reserveFlash: 64K").replace(
    "  hidden: [16]\n",
    "",
  );
  expect(parseRecipe(alone, "r.yaml").student).toEqual({
    search: { board: "blue-pill", reserveFlash: "64K" },
  });
  const around = parseRecipe(withLine(7, "  hidden: [16]", "  search:", board), "r.yaml").student;
  expect(around).toEqual({ family: "mlp", hidden: [16], search: { board: "blue-pill" } });
  expect(namedNetwork(around)).toEqual({ family: "mlp", hidden: [16] });
  expect(failure(alone, ["student.search.minAcuracy=0.9"])).toContain(
    'unknown key "minAcuracy" in student.search. Did you mean "minAccuracy"?',
  );
  expect(failure(alone, ["student.search.minAccuracy=90"])).toContain("must be <= 1");
});

test("a teacher's classes are names, however YAML reads them; a start is no part of the network", () => {
  const text = withLine(4, "  checkpoint: old.safetensors", "  classes: [1, zero]");
  const { teacher, student } = parseRecipe(text, "r.yaml", ["student.start=teacher"]);
  expect(teacherClassesOf(teacher)).toEqual(["1", "zero"]);
  expect(teacherClassesOf({ checkpoint: "old.safetensors" })).toBeUndefined();
  expect(student).toMatchObject({ start: "teacher" });
  expect(namedNetwork(student)).toEqual({ family: "mlp", hidden: [16] });
  expect(failure(withLine(4, "  checkpoint: old.safetensors", "  classes: [1]"))).toContain(
    "teacher.classes must have at least 2 entries",
  );
  const specialists = "{ generalist: { checkpoint: a }, training: { epochs: 1 }, count: 2 }";
  expect(failure(withLine(4, `  specialists: ${specialists}`, "  classes: [0, 1]"))).toContain(
    'unknown key "classes" in teacher',
  );
});

test("an unknown key names its line and the nearest key", () => {
  expect(failure(withLine(9, "  epoch: 3"))).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:9: unknown key "epoch" in training. Did you mean "epochs"? Valid: epochs, batchSize, accumulate, optimizer, learningRate, clipNorm, maxNorm, regularization, decay, parameterGroups, patience, keep, augmentation, labelSmoothing, hardClasses, quantizationAware, pruning, threads."`,
  );
  expect(failure(withLine(1, "name: tiny", "studnt: {}"))).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:2: unknown key "studnt". Did you mean "student"? Valid: name, description, data, teacherInputs, split, labelled, transfer, teacher, student, training, distillation, labels, seeds, arms, tuning, convergence, precisions, decoder, allowLargerStudent, checkpoints, stepLogs, threads, provider."`,
  );
  expect(failure(withLine(2, "data: { source: digits, file: a.csv }"))).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:2: unknown key "file" in data. Valid: source."`,
  );
});

test("a missing section or field is named", () => {
  expect(failure(lines.slice(0, 7).join("\n"))).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:1: "training" is missing. Add training."`,
  );
  expect(failure(withLine(7, "  activation: relu"))).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:5: "student.hidden" is missing. Add student.hidden."`,
  );
  expect(failure(withLine(6, "  dropout: 0.5"))).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:5: "student.family" is missing. Add student.family: one of mlp, cnn, resnet8, dsCnn, mobileNetV1, gru, tcn, tinyTransformer."`,
  );
});

test("a missing size or number of channels is told with its form", () => {
  expect(failure(withLine(2, "data: { source: images, folder: img, channels: 1 }"))).toBe(
    '[config/missing] r.yaml:2: "data.size" is missing. Add data.size: [height, width].',
  );
  expect(failure(withLine(2, "data: { source: images, folder: img, size: [8, 8] }"))).toBe(
    '[config/missing] r.yaml:2: "data.channels" is missing. Add data.channels: one of 1, 3.',
  );
});

test("a wrong type, range or name says what was given", () => {
  expect(failure(withLine(9, "  epochs: many"))).toMatchInlineSnapshot(
    `"[config/type] r.yaml:9: training.epochs must be a number, got "many"."`,
  );
  expect(failure(withLine(9, "  epochs: 0"))).toMatchInlineSnapshot(
    `"[config/range] r.yaml:9: training.epochs must be >= 1, got 0."`,
  );
  expect(failure(withLine(9, "  epochs: 1.5"))).toMatchInlineSnapshot(
    `"[config/type] r.yaml:9: training.epochs must be a whole number, got 1.5."`,
  );
  expect(failure(withLine(6, "  family: mpl"))).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:6: unknown student.family "mpl". Did you mean "mlp"? Valid: mlp, cnn, resnet8, dsCnn, mobileNetV1, gru, tcn, tinyTransformer."`,
  );
  expect(failure(withLine(1, "name: Tiny Digits"))).toMatchInlineSnapshot(
    `"[config/value] r.yaml:1: name must be of small letters, digits and -, got "Tiny Digits"."`,
  );
  expect(failure(withLine(7, "  hidden: 16"))).toMatchInlineSnapshot(
    `"[config/type] r.yaml:7: student.hidden must be a list, got 16."`,
  );
});

test("a teacher is exactly one of its forms", () => {
  expect(failure(withLine(4, "  modle: teacher.onnx"))).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:4: unknown key "modle" in teacher. Did you mean "model"? Valid: train, classes, model, output, input, kind, layout, preprocessing, batchSize, checkpoint, ensemble, combine, weights, specialists, softLabels."`,
  );
  expect(
    failure(withLine(4, "  model: teacher.onnx", "  combine: arithmetic")),
  ).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:5: unknown key "combine" in teacher. Valid: model, output, input, kind, layout, preprocessing, batchSize, classes."`,
  );
  expect(
    failure(withLine(4, "  model: teacher.onnx", "  softLabels: folder")),
  ).toMatchInlineSnapshot(
    `"[config/conflict] r.yaml:3: teacher must have exactly one of train, model, checkpoint, ensemble, specialists, softLabels, got model, softLabels. Keep one of them with its own options: train classes | model output input kind layout preprocessing batchSize classes | checkpoint classes | ensemble combine weights classes | specialists | softLabels combine weights classes."`,
  );
  expect(failure(withLine(4, "  model: teacher.onnx", "  kind: logit"))).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:5: unknown teacher.kind "logit". Did you mean "logits"? Valid: logits, probabilities, sigmoid."`,
  );
  expect(failure(withLine(4, "  {}"))).toMatchInlineSnapshot(
    `"[config/conflict] r.yaml:3: teacher must have exactly one of train, model, checkpoint, ensemble, specialists, softLabels, got none. Keep one of them with its own options: train classes | model output input kind layout preprocessing batchSize classes | checkpoint classes | ensemble combine weights classes | specialists | softLabels combine weights classes."`,
  );
});

test("a learning rate is a number or a schedule", () => {
  const rate = (value: string): string => withLine(9, "  epochs: 3", `  learningRate: ${value}`);
  expect(failure(rate("0.1"))).toBe("accepted");
  expect(failure(rate("{ kind: cosine, value: 0.1, warmup: 0.05 }"))).toBe("accepted");
  expect(failure(rate("fast"))).toMatchInlineSnapshot(
    `"[config/type] r.yaml:10: training.learningRate must be a number or a section with keys, got "fast"."`,
  );
  expect(failure(rate("-1"))).toMatchInlineSnapshot(
    `"[config/range] r.yaml:10: training.learningRate must be > 0, got -1."`,
  );
  expect(failure(rate("{ kind: cosin, value: 0.1 }"))).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:10: unknown training.learningRate.kind "cosin". Did you mean "cosine"? Valid: constant, step, cosine, linear, warmup."`,
  );
  expect(failure(rate("{ kind: cosine, value: 0.1, warmpu: 0.05 }"))).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:10: unknown key "warmpu" in training.learningRate. Did you mean "warmup"? Valid: kind, value, final, warmup."`,
  );
});

test("features are pairs of layers, each with a loss of the registry and its options", () => {
  const pair = (value: string): string =>
    failure([...lines, "distillation:", "  features:", `    - { ${value} }`].join("\n"));
  const layers = "student: hidden1, teacher: hidden2";
  for (const name of Object.keys(featureLosses)) {
    expect(pair(`${layers}, loss: ${name}`)).toBe("accepted");
    expect(pair(`${layers}, loss: { name: ${name} }, weight: 0`)).toBe("accepted");
  }
  expect(pair("student: [a, b], teacher: [c, d], loss: gram")).toBe("accepted");
  expect(pair(`${layers}, weight: { kind: windows, value: 1, on: [[0, 0.5]] }`)).toBe("accepted");
  expect(pair("student: hidden1")).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:12: "distillation.features[0].teacher" is missing. Add distillation.features[0].teacher."`,
  );
  expect(pair(`${layers}, loss: hints`)).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:12: unknown distillation.features[0].loss "hints". Did you mean "hint"? Valid: hint, attention, similarity, relation, graph, gram."`,
  );
  expect(pair(`${layers}, loss: { name: relation, angelWeight: 1 }`)).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:12: unknown key "angelWeight" in distillation.features[0].loss. Did you mean "angleWeight"? Valid: name, distanceWeight, angleWeight."`,
  );
  expect(pair(`${layers}, loss: { name: graph, neighbours: 8 }`)).toBe("accepted");
  expect(pair(`${layers}, loss: { name: graph, neighbours: 0 }`)).toMatchInlineSnapshot(
    `"[config/range] r.yaml:12: distillation.features[0].loss.neighbours must be >= 1, got 0."`,
  );
  expect(pair("student: [a], teacher: b")).toMatchInlineSnapshot(
    `"[config/range] r.yaml:12: distillation.features[0].student must have at least 2 entries, got ["a"]."`,
  );
  const none = [...lines, "distillation: { features: [] }"].join("\n");
  expect(failure(none)).toMatchInlineSnapshot(
    `"[config/range] r.yaml:10: distillation.features must have at least 1 entry, got []."`,
  );
});

test("a discriminator has a weight and layers", () => {
  const adversarial = (value: string): string =>
    failure([...lines, `distillation: { adversarial: { ${value} } }`].join("\n"));
  for (const value of ["", "weight: 0.1, hidden: [64]", "hidden: []"])
    expect(adversarial(value)).toBe("accepted");
  expect(adversarial("weight: { kind: windows, value: 1, on: [[0.5, 1]] }")).toBe("accepted");
  expect(adversarial("weight: -1")).toMatchInlineSnapshot(
    `"[config/range] r.yaml:10: distillation.adversarial.weight must be >= 0, got -1."`,
  );
  expect(adversarial("hidden: 64")).toMatchInlineSnapshot(
    `"[config/type] r.yaml:10: distillation.adversarial.hidden must be a list, got 64."`,
  );
  expect(adversarial("hiden: [64]")).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:10: unknown key "hiden" in distillation.adversarial. Did you mean "hidden"? Valid: weight, hidden."`,
  );
});

test("a distillation loss is a name, or a name with its own options", () => {
  const loss = (value: string): string =>
    failure([...lines, "distillation:", `  loss: ${value}`].join("\n"));
  for (const name of Object.keys(distillationLosses)) {
    expect(loss(name)).toBe("accepted");
    expect(loss(`{ name: ${name}, standardize: true }`)).toBe("accepted");
  }
  expect(loss("{ name: dkd, alpha: 1, beta: 8 }")).toBe("accepted");
  expect(loss("{ name: nkd, gamma: 1.5 }")).toBe("accepted");
  expect(loss("{ name: skewKl, skew: 0.1, direction: reverse }")).toBe("accepted");
  expect(loss("dkdd")).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:11: unknown distillation.loss "dkdd". Did you mean "dkd"? Valid: softTargets, logits, dkd, nkd, wsld, dist, jensenShannon, reverseKl, skewKl, totalVariation, sigmoidTargets."`,
  );
  expect(loss("{ name: dkdd }")).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:11: unknown distillation.loss.name "dkdd". Did you mean "dkd"? Valid: softTargets, logits, dkd, nkd, wsld, dist, jensenShannon, reverseKl, skewKl, totalVariation, sigmoidTargets."`,
  );
  expect(loss("{ name: dkd, bta: 8 }")).toMatchInlineSnapshot(
    `"[config/unknown-key] r.yaml:11: unknown key "bta" in distillation.loss. Did you mean "beta"? Valid: name, standardize, alpha, beta."`,
  );
  expect(loss("{ name: dkd, beta: -8 }")).toMatchInlineSnapshot(
    `"[config/range] r.yaml:11: distillation.loss.beta must be >= 0, got -8."`,
  );
  expect(loss("3")).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:11: distillation.loss must be one of softTargets, logits, dkd, nkd, wsld, dist, jensenShannon, reverseKl, skewKl, totalVariation, sigmoidTargets, got 3."`,
  );
});

test("the column of the group is no feature of the teacher's table either", () => {
  const inputsOf = (inputs: string): unknown => {
    const data = `data: { source: csv, file: a.csv }\nteacherInputs: ${inputs}`;
    const text = [...withLine(2, data).split("\n"), "split: { by: speaker }"].join("\n");
    const { teacherInputs } = parseRecipe(text, "r.yaml");
    return teacherInputs;
  };
  const named = { group: "speaker" };
  expect(inputsOf("{ source: csv, file: b.csv }")).toMatchObject(named);
  expect(inputsOf("{ source: parquet, file: b.parquet }")).toMatchObject(named);
  for (const inputs of [
    { source: "csv", file: "b.csv", columns: ["x"] },
    { source: "csv", file: "b.csv", ignore: ["speaker"] },
    { source: "csv", file: "b.csv", group: "who" },
    { source: "parquet", file: "b.parquet", size: [4, 4] },
    { source: "digits" },
  ])
    expect(inputsOf(JSON.stringify(inputs))).toEqual(inputs);
});

test("split.by may name the column of the group", () => {
  const by = (data: string, column: string) =>
    [...withLine(2, `data: ${data}`).split("\n"), "split:", `  by: ${column}`].join("\n");
  const grouped = { split: { by: "group" } };
  expect(parseRecipe(by("{ source: csv, file: a.csv }", "speaker"), "r.yaml")).toMatchObject({
    ...grouped,
    data: { source: "csv", file: "a.csv", group: "speaker" },
  });
  expect(parseRecipe(by("{ source: text, file: a.csv }", "author"), "r.yaml")).toMatchObject({
    ...grouped,
    data: { group: "author" },
  });
  const npz = "{ source: npz, file: a.npz, samples: x, groups: g }";
  expect(parseRecipe(by(npz, "g"), "r.yaml")).toMatchObject({ ...grouped, data: { groups: "g" } });
  expect(failure(by("{ source: csv, file: a.csv, group: device }", "group"))).toBe("accepted");
  expect(
    failure(by("{ source: csv, file: a.csv, group: device }", "speaker")),
  ).toMatchInlineSnapshot(
    `"[config/conflict] r.yaml:11: split.by names the group, and data.group names another, got speaker and device. Leave data.group out, or write split.by: group."`,
  );
  expect(failure(by("{ source: digits }", "grup"))).toMatchInlineSnapshot(
    `"[config/unknown-name] r.yaml:11: unknown split.by "grup". Did you mean "group"? Valid: sample, group."`,
  );
});

test("several problems are listed together, each with its line", () => {
  const text = [...lines, "  batchsize: 8", "seeds: []"].join("\n");
  expect(failure(text)).toMatchInlineSnapshot(`
    "[config/problems] r.yaml: 2 things must be corrected:
    r.yaml:10: unknown key "batchsize" in training. Did you mean "batchSize"? Valid: epochs, batchSize, accumulate, optimizer, learningRate, clipNorm, maxNorm, regularization, decay, parameterGroups, patience, keep, augmentation, labelSmoothing, hardClasses, quantizationAware, pruning, threads.
    r.yaml:11: seeds must have at least 1 entry, got []."
  `);
});

test("text that is no recipe at all is refused", () => {
  expect(failure("")).toMatchInlineSnapshot(
    `"[config/yaml] r.yaml:1: a recipe must be a YAML file of keys and values, got an empty file. Start from one of the files in recipes/."`,
  );
  expect(failure("- a\n- b")).toMatchInlineSnapshot(
    `"[config/yaml] r.yaml:1: a recipe must be a YAML file of keys and values, got another kind of file. Start from one of the files in recipes/."`,
  );
  expect(failure("name: tiny\ndata: {")).toMatchInlineSnapshot(
    `"[config/yaml] r.yaml:2: the recipe must be YAML, got Flow map in block collection must be sufficiently indented and end with a }. Correct this line."`,
  );
  expect(failure("name: tiny\nname: other")).toMatchInlineSnapshot(
    `"[config/yaml] r.yaml:2: the recipe must be YAML, got Map keys must be unique. Correct this line."`,
  );
});

test("overrides set fields, make sections, and replace values whole", () => {
  const overrides = [
    "training.epochs=10",
    "distillation.temperature=2",
    "seeds=[1, 2]",
    "student.hidden.0=8",
    "teacher={softLabels: package}",
  ];
  expect(parseRecipe(lines.join("\n"), "r.yaml", overrides)).toMatchObject({
    training: { epochs: 10 },
    distillation: { temperature: 2 },
    seeds: [1, 2],
    student: { hidden: [8] },
    teacher: { softLabels: "package" },
  });
});

test("overrides are as strict as the file, and named in messages", () => {
  const text = lines.join("\n");
  expect(failure(text, ["training.epoch=10"])).toMatchInlineSnapshot(
    `"[config/unknown-key] override training.epoch=10: unknown key "epoch" in training. Did you mean "epochs"? Valid: epochs, batchSize, accumulate, optimizer, learningRate, clipNorm, maxNorm, regularization, decay, parameterGroups, patience, keep, augmentation, labelSmoothing, hardClasses, quantizationAware, pruning, threads."`,
  );
  expect(failure(text, ["trainign.epochs=10"])).toMatchInlineSnapshot(
    `"[config/unknown-key] override trainign.epochs=10: unknown key "trainign". Did you mean "training"? Valid: name, description, data, teacherInputs, split, labelled, transfer, teacher, student, training, distillation, labels, seeds, arms, tuning, convergence, precisions, decoder, allowLargerStudent, checkpoints, stepLogs, threads, provider."`,
  );
  expect(failure(text, ["training.epochs=ten"])).toMatchInlineSnapshot(
    `"[config/type] override training.epochs=ten: training.epochs must be a number, got "ten"."`,
  );
  expect(failure(text, ["training.epochs"])).toMatchInlineSnapshot(
    `"[config/override] override training.epochs: an override has the form key=value, with . between a section and its key, got no =. Write for example training.epochs=10."`,
  );
  expect(failure(text, ["training.epochs.first=1"])).toMatchInlineSnapshot(
    `"[config/override] override training.epochs.first=1: training.epochs must be a section to have keys, got 3. Override the whole: training.epochs={...}."`,
  );
  expect(failure(text, ["training..epochs=1"])).toMatchInlineSnapshot(
    `"[config/override] override training..epochs=1: an override has the form key=value, with . between a section and its key, got an empty key. Write for example training.epochs=10."`,
  );
  expect(failure(text, ["seeds=[1"])).toMatchInlineSnapshot(
    `"[config/override] override seeds=[1: an override has the form key=value, with . between a section and its key, got a value that is not YAML. Write for example training.epochs=10."`,
  );
});

test("a resolved recipe is a recipe, and resolving it again changes nothing", () => {
  const resolved = resolveRecipe(parseRecipe(lines.join("\n"), "r.yaml"));
  expect(resolved.distillation?.temperature).toBe(4);
  expect(resolveRecipe(checkRecipe(resolved, "resolved"))).toEqual(resolved);
  expect(resolved.distillation).not.toHaveProperty("adversarial");
  const fooling = ["distillation.adversarial={ weight: 2 }"];
  const { distillation } = resolveRecipe(parseRecipe(lines.join("\n"), "r.yaml", fooling));
  expect(distillation?.adversarial).toEqual({ weight: 2, hidden: [64] });
});

test.each(readdirSync("recipes"))("recipes/%s is valid and names its schema", (name) => {
  const text = readFileSync(`recipes/${name}`, "utf8");
  expect(text).toContain("# yaml-language-server: $schema=../schemas/recipe.schema.json");
  expect(failure(text)).toBe("accepted");
});

test.each([
  "{ source: parquet, file: [a.parquet, b.parquet], size: [32, 32], channels: 3, group: speaker }",
  "{ source: recordings, folder: gait, window: 128, hop: 64, channels: [x, 1], labels: l.csv }",
  "{ source: shards, folder: big, window: 4, cacheBytes: 1000000, test: { folder: held } }",
])("data %s are accepted; a key of another source is not", (data) => {
  expect(failure(withLine(2, `data: ${data}`))).toBe("accepted");
  const other = data.replace("{", "{ delimiter: ';',");
  expect(failure(withLine(2, `data: ${other}`))).toContain('unknown key "delimiter" in data');
});

test("parts of a batch, and mixed views, are words of a recipe", () => {
  const training = ["  epochs: 3", "  accumulate: 4"];
  const labels = "labels: { views: 2, augmentation: { mixup: { alpha: 0.4 } } }";
  expect(failure(withLine(9, ...training, labels))).toBe("accepted");
  expect(failure(withLine(9, "  epochs: 3", labels.replace("0.4", "0")))).toContain("alpha");
});

test("a decoder needs frames, their states and what is said; a weight is a number or candidates", () => {
  const files = "features: f.npy, lengths: l.npy, labels: s.npy, transcripts: t.txt";
  const data = `data: { source: frames, ${files} }`;
  const decoder =
    "decoder: { lexicon: lexicon.txt, silence: pau, languageModelWeight: 3, priorWeight: [0.6, 1] }";
  expect(failure(withLine(2, data, decoder))).toBe("accepted");
  expect(failure(withLine(2, data, decoder.replace("[0.6, 1]", "[]")))).toContain(
    "[config/range] r.yaml:3: decoder.priorWeight must have at least 1 entry",
  );
  expect(failure(withLine(2, data, decoder.replace("[0.6, 1]", "high")))).toMatch(
    /r\.yaml:3: decoder\.priorWeight must be .*a number.*got "high"/,
  );
  expect(failure(withLine(2, data, decoder, "labelled: 100"))).toMatchInlineSnapshot(
    `"[config/conflict] r.yaml:4: a decoder counts how long states last, in frames that all have their label, got labelled: 100. Leave labelled or decoder out."`,
  );
  expect(failure(withLine(2, decoder, lines[1]!))).toMatchInlineSnapshot(
    `"[config/conflict] r.yaml:2: a decoder recognises words in recordings, data of source: frames or speech, got source: digits. Leave decoder out, or name frames."`,
  );
  expect(failure(withLine(2, data.replace(", labels: s.npy", ""), decoder))).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:2: with a decoder, "data.labels" must give the state of each frame, got none. Add data.labels, or leave decoder out."`,
  );
  const untold = data.replace(" }", ", test: { features: f.npy, lengths: l.npy } }");
  expect(failure(withLine(2, untold, decoder))).toMatchInlineSnapshot(
    `"[config/missing] r.yaml:2: with a decoder, "data.test.transcripts" must give what is said in each recording, to count word errors against, got none. Add data.test.transcripts, or leave decoder out."`,
  );
});
