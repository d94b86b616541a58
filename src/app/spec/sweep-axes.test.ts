import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAxis, sweepPoints } from "./sweep-axes.ts";

const text = `name: grid
data: { source: digits }
teacher: { softLabels: package }
student: { family: mlp, hidden: [200, 100] }
training: { epochs: 4, learningRate: { kind: cosine, value: 0.002 } }
`;
const points = (...words: readonly string[]) => sweepPoints(text, "r.yaml", words.map(parseAxis));

test("all combinations, the last axis fastest; widths keep their ratio; one value is no axis", () => {
  const grid = points("T=1,4", "student.width=30,300", "training.epochs=9");
  expect(grid.map(({ name }) => name)).toEqual([
    "T=1 student.width=30",
    "T=1 student.width=300",
    "T=4 student.width=30",
    "T=4 student.width=300",
  ]);
  expect(grid[3]).toMatchObject({
    values: [4, 300, 9],
    recipe: {
      distillation: { temperature: 4 },
      student: { hidden: [300, 150] },
      training: { epochs: 9 },
    },
  });
});

test("short names and paths, lists and sections as values", () => {
  expect(points("lr=0.1")[0]!.recipe.training.learningRate).toEqual({ kind: "cosine", value: 0.1 });
  expect(points("alpha=0.25")[0]!.recipe.distillation).toEqual({
    hardWeight: 0.25,
    softWeight: 0.75,
  });
  const fooling = points("distillation.adversarial.weight=0,0.1");
  expect(fooling.map(({ recipe }) => recipe.distillation)).toEqual([
    { adversarial: { weight: 0 } },
    { adversarial: { weight: 0.1 } },
  ]);
  const students = points("student.hidden=[30],[300,300]", "labels.augmentation={shift: 1}");
  expect(students.map(({ recipe }) => recipe.student)).toEqual([
    { family: "mlp", hidden: [30] },
    { family: "mlp", hidden: [300, 300] },
  ]);
  expect(students[0]!.recipe.labels).toEqual({ augmentation: { shift: 1 } });
});

test("an axis over the learning rate wins over tuning, whatever it is called; other axes leave it", () => {
  const tuned = `${text}tuning: { learningRates: [0.5, 0.6] }\n`;
  const recipes = (...words: readonly string[]) =>
    sweepPoints(tuned, "r.yaml", words.map(parseAxis)).map(({ recipe }) => recipe);
  const [lr, ...others] = [
    "lr=0.1,0.2",
    "learningRate=0.1,0.2",
    "training.learningRate.value=0.1,0.2",
  ].map((word) => recipes(word));
  expect(lr!.map(({ training }) => training.learningRate)).toEqual([
    { kind: "cosine", value: 0.1 },
    { kind: "cosine", value: 0.2 },
  ]);
  expect(lr!.every((recipe) => !("tuning" in recipe))).toBe(true);
  expect(others).toEqual([lr, lr]);
  const sections = recipes("training={epochs: 3},{epochs: 3, learningRate: 0.1}");
  expect(sections.map(({ tuning }) => tuning?.learningRates)).toEqual([[0.5, 0.6], undefined]);
  expect(recipes("training.learningRate=0.1")[0]).not.toHaveProperty("tuning");
  expect(recipes("T=1")[0]!.tuning).toEqual({ learningRates: [0.5, 0.6] });
  expect(recipes("training.learningRate.kind=cosine")[0]).toHaveProperty("tuning");
  expect(() => recipes("lr=0.1", "tuning.learningRates=[1,2],[3]")).toThrow(
    "sweep: a point's learning rate is either given by an axis or tuned, got the axes lr and tuning.learningRates. Leave one of them out.",
  );
});

test("the sweep that recipes/three-percent.yaml names tries the rates that it says", () => {
  const file = readFileSync("recipes/three-percent.yaml", "utf8");
  const words = /potstill sweep recipes\/three-percent\.yaml (.*)/.exec(file)![1]!.split(" ");
  const recipes = sweepPoints(file, "r.yaml", words.map(parseAxis)).map(({ recipe }) => recipe);
  const rates = recipes.map(({ training }) => training.learningRate);
  expect(rates.slice(0, 2)).toMatchObject([{ value: 0.002 }, { value: 0.005 }]);
  expect(recipes.filter((recipe) => "tuning" in recipe)).toEqual([]);
  expect(recipes).toHaveLength(20);
});

const said = (...words: readonly string[]): string => {
  try {
    points(...words);
  } catch (error) {
    return String(error);
  }
  return "nothing";
};

test("what is no axis is told with the nearest", () => {
  expect(said("student.widht=30,300")).toContain(
    'sweep, student.widht=30,300: unknown axis "student.widht". Did you mean "student.width"? Short names: T, temperature',
  );
  expect(said("tempratur=1,2")).toContain('Did you mean "temperature"?');
  expect(said("training.epoch=1,2")).toContain(
    'override training.epoch=1: unknown key "epoch" in training. Did you mean "epochs"?',
  );
  expect(said("T=hot,2")).toContain("override distillation.temperature=");
  expect(said("T")).toContain("sweep, T: an axis has the form name=value,value, got no =.");
  expect(said("T=1,1")).toContain("got a value twice");
  expect(said("T=1", "T=2")).toContain("an axis is given once, with all its values, got T twice");
  expect(said("student.width=wide")).toContain("student.width is a number");
});

const trained = text.replace(
  "{ softLabels: package }",
  "{ train: { network: { family: mlp, hidden: [9] }, training: { epochs: 1 }, members: 2 } }",
);

test("combine and weights are looked for where the recipe's teacher has them", () => {
  const axes = ["combine=geometric", "weights=validation,[1,2]"].map(parseAxis);
  const own = sweepPoints(trained, "r.yaml", axes).map(({ recipe }) => recipe.teacher);
  expect(own).toMatchObject([
    { train: { combine: "geometric", weights: "validation" } },
    { train: { combine: "geometric", weights: [1, 2] } },
  ]);
  const given = sweepPoints(text, "r.yaml", axes).map(({ recipe }) => recipe.teacher);
  expect(given[1]).toEqual({ softLabels: "package", combine: "geometric", weights: [1, 2] });
});

test("short names look at what the other axes have set, whatever their order", () => {
  const package2 = "teacher={softLabels: pk},{softLabels: pl}";
  for (const words of [
    [package2, "combine=arithmetic,geometric"],
    ["combine=arithmetic,geometric", package2],
  ]) {
    const grid = sweepPoints(trained, "r.yaml", words.map(parseAxis));
    expect(grid.map(({ recipe }) => recipe.teacher)).toContainEqual({
      softLabels: "pl",
      combine: "geometric",
    });
    expect(new Set(grid.map(({ recipe }) => JSON.stringify(recipe.teacher))).size).toBe(4);
  }
  const both =
    "teacher={softLabels: pk},{train: {network: {family: mlp, hidden: [3]}, training: {epochs: 1}, members: 2}}";
  expect(points(both, "weights=[1,2]").map(({ recipe }) => recipe.teacher)).toMatchObject([
    { softLabels: "pk", weights: [1, 2] },
    { train: { weights: [1, 2] } },
  ]);
  const rates = points(
    "training={epochs: 3},{epochs: 3, learningRate: {kind: cosine, value: 1}}",
    "lr=0.5",
  );
  expect(rates.map(({ recipe }) => recipe.training.learningRate)).toEqual([
    0.5,
    { kind: "cosine", value: 0.5 },
  ]);
  const students = points(
    "student={family: gru, units: [4, 2]},{family: dsCnn}",
    "student.width=8",
  );
  expect(students.map(({ recipe }) => recipe.student)).toEqual([
    { family: "gru", units: [8, 4] },
    { family: "dsCnn", channels: 8 },
  ]);
  const deeper = points("training.epochs=5,6", "training={epochs: 1, batchSize: 2}");
  expect(deeper.map(({ recipe }) => recipe.training)).toEqual([
    { epochs: 5, batchSize: 2 },
    { epochs: 6, batchSize: 2 },
  ]);
});

test("two names of one place are refused, whatever their order; a width starts from the other axis's layers", () => {
  const both = (...words: readonly string[]) => said(...words).replace(/^.*got /s, "");
  expect(said("T=1,2", "temperature=4")).toBe(
    "ConfigError: sweep: a place in the recipe is set by one axis, got T and temperature, which both set distillation.temperature. Leave one of them out.",
  );
  expect(both("T=1", "distillation.temperature=2,3")).toContain("distillation.temperature and T");
  expect(both("alpha=0.1,0.2", "softWeight=1")).toContain("alpha and softWeight");
  expect(both("lr=1", "training.learningRate.value=2")).toContain(
    "training.learningRate.value and",
  );
  const twins = (...words: readonly string[]) => both(...words).split(".")[0];
  expect(twins("T=1,2", "distillation={temperature: 3},{temperature: 4}")).toBe(
    'the same one for T=1 distillation={"temperature":3} and T=1 distillation={"temperature":4}',
  );
  expect(twins("student.width=4,8", "student.hidden=[2],[3]")).toContain("the same one for");
  const widths = points("student.width=4,8", "student.hidden=[2,1],[2,2]");
  expect(widths.map(({ recipe }) => recipe.student)).toMatchObject([
    { hidden: [4, 2] },
    { hidden: [4, 4] },
    { hidden: [8, 4] },
    { hidden: [8, 8] },
  ]);
});

test("only an axis that is none itself is told as unknown", () => {
  expect(said("teacher={softLabels: pk, combin: geometric}", "combine=geometric")).toContain(
    'unknown key "combin" in teacher. Did you mean "combine"?',
  );
  expect(said("teacher={softLabels: pk}", "tempratur=1,2")).toContain('unknown axis "tempratur"');
  expect(said("stuent.width=3")).toContain('unknown axis "stuent.width". Did you mean');
});

test("a width that is no whole number from 1 is refused, not made one", () => {
  for (const width of [0, -3, 1.4])
    expect(() => points(`student.width=30,${width}`)).toThrow(
      expect.objectContaining({
        code: "config/range",
        message: `sweep, student.width=${width}: student.width must be an integer, at least 1, got ${width}. Correct student.width.`,
      }),
    );
  const family = "student={family: mobileNetV1}"; // its width multiplies all channels
  expect(points(family, "student.width=0.5")[0]!.recipe.student).toMatchObject({ width: 0.5 });
  expect(points("student.width=1")[0]!.recipe.student).toMatchObject({ hidden: [1, 1] });
});
