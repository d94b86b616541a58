import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../data/index.ts";
import {
  buildReport,
  parseReport,
  type ReportInput,
  renderCard,
  renderHtml,
  renderModelCard,
  writeReport,
} from "./index.ts";
import { madeUpRun } from "./report.cases.ts";

const input = madeUpRun();
const report = buildReport(input);

/** Nothing beyond what every run has. */
const bare: ReportInput = {
  ...input,
  createdBy: { version: "0.1.0", runtime: "onnxruntime-web", runtimeVersion: "1.30.0", threads: 1 },
  teacher: {
    ...input.teacher,
    summary: null,
    parameters: null,
    macs: null,
    bytes: null,
    latencyMs: null,
  },
  arms: input.arms.slice(0, 2).map((arm) => ({
    ...arm,
    summary: null,
    tuning: { trials: [], chosen: 0 },
    perSeed: arm.perSeed.map((run) => ({ ...run, curve: [], latencyMs: null })),
  })),
  softLabels: null,
  convergence: null,
  explorer: [],
  selfChecks: [],
  exports: [],
};

describe("writeReport", () => {
  test("writes three files, and report.json reads back as the report", async () => {
    const store = memoryStore();
    const written = await writeReport(store, input);
    expect(await store.list()).toEqual(["MODEL_CARD.md", "report.html", "report.json"]);
    const text = new TextDecoder().decode(await store.read("report.json"));
    expect(parseReport(JSON.parse(text), "report.json")).toEqual(written);
    expect(written).toEqual(report);
  });

  test("report.json comes last, so that it is there only when the others are", async () => {
    const order: string[] = [];
    const store = memoryStore();
    await writeReport(
      {
        ...store,
        write: async (name, bytes) => {
          order.push(name);
          await store.write(name, bytes);
        },
      },
      input,
    );
    expect(order.at(-1)).toBe("report.json");
  });

  test("a report that is no report is refused by field", () => {
    expect(() => parseReport({ ...report, formatVersion: 2 }, "report.json")).toThrow(
      "report.json: it must be a report of format version 1",
    );
    expect(() => parseReport({ ...report, extra: 1 }, "report.json")).toThrow('"extra"');
    expect(() =>
      parseReport({ ...report, title: Number.NaN }, "report.json"),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: report.json: it must be a report of format version 1, as schemas/report.schema.json describes it, got title: Invalid input: expected string, received NaN. Use a report.json that this version wrote.]`,
    );
  });

  test("works without the optional parts", async () => {
    const store = memoryStore();
    const { models, comparisons } = await writeReport(store, bare);
    expect(models.scratchSmoothed).toBeNull();
    expect(comparisons.distilledVsScratchAugmented).toBeNull();
    expect(models.distilled.compressionRatio).toBeNull();
    const page = new TextDecoder().decode(await store.read("report.html"));
    expect(page.includes('id="convergence"')).toBe(false);
    expect(/undefined|NaN|\[object/.exec(page)).toBeNull();
  });
});

describe("report.html", () => {
  const page = renderHtml(report);

  test("is one file that asks for nothing else", () => {
    expect(/https?:|<script|<link|@import|url\(/.exec(page)).toBeNull();
    expect(/undefined|NaN|\[object|Infinity/.exec(page)).toBeNull();
    const outside = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => target!);
    expect(outside.length).toBeGreaterThan(10);
    for (const target of outside) expect(target).toMatch(/^(#|data:image\/png;base64,)/);
  });

  test("has a section for every link, and the verdict", () => {
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g))
      expect(page.includes(`id="${id}"`)).toBe(true);
    expect(page.includes("<strong>Distillation helped.</strong>")).toBe(true);
  });

  test("the same report gives the same bytes", () => {
    expect(renderHtml(buildReport(madeUpRun())) === page).toBe(true);
  });

  test("names from outside are shown, not run", () => {
    const evil = `<img src=x onerror="alert('1')">&`;
    const names = input.data.classNames.map((name, c) => (c === 3 ? evil : name));
    const data = { ...input.data, classNames: names, name: evil };
    const hostile = buildReport({ ...input, data, title: evil, commandLine: evil, notes: [evil] });
    const shown = renderHtml(hostile);
    expect(shown.includes("<img src=x")).toBe(false);
    expect(shown.includes("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;")).toBe(
      true,
    );
    const { document } = parseHTML(shown);
    expect(document.querySelectorAll("[onerror]")).toHaveLength(0);
    expect(document.querySelectorAll("img")).toHaveLength(input.explorer.length);
  });

  test("epochs are whole, and long class names shortened and turned, inside the picture", () => {
    const classNames = input.data.classNames.map((name) => `${name}, a class with a long name`);
    const arms = input.arms.map((arm) => ({
      ...arm,
      perSeed: arm.perSeed.map((run) => ({ ...run, curve: run.curve.slice(0, 3) })),
    }));
    const shown = renderHtml(buildReport({ ...input, arms, data: { ...input.data, classNames } }));
    const [, accuracy = ""] = shown.split('id="curves"')[1]!.split("<svg");
    const texts = [...accuracy.matchAll(/<text x="[^"]+" y="234">([^<]+)/g)];
    expect(texts.map(([, epoch]) => epoch)).toEqual(["1", "2", "3"]);
    const turned = [...shown.matchAll(/rotate\(-45 ([\d.]+) [\d.]+\)">([^<]+)/g)];
    expect(turned).toHaveLength(2 * classNames.length);
    for (const [, x, name] of turned) {
      expect(name).toMatch(/^.{15}…$/);
      expect(Number(x)).toBeGreaterThan(16 * 6 * Math.SQRT1_2);
    }
  });

  test("a single seed is marked", () => {
    const single = renderHtml(buildReport(madeUpRun([1])));
    expect(single.includes("<strong>Single seed.</strong> Not a result")).toBe(true);
    expect(single.includes("One seed says nothing about training again")).toBe(true);
  });

  test("many classes are listed, not drawn", () => {
    const classNames = Array.from({ length: 30 }, (_, c) => `class ${c}`);
    const wide = (logits: Float32Array): Float32Array =>
      Float32Array.from({ length: logits.length * 3 }, (_, i) =>
        i % 30 < 10 ? logits[Math.floor(i / 30) * 10 + (i % 30)]! : -9,
      );
    const many: ReportInput = {
      ...input,
      data: { ...input.data, classNames },
      teacher: { ...input.teacher, testLogits: input.teacher.testLogits.map(wide) },
      arms: input.arms.map((arm) => ({
        ...arm,
        perSeed: arm.perSeed.map((run) => ({ ...run, testLogits: wide(run.testLogits) })),
      })),
      explorer: input.explorer.map((e) => ({ ...e, teacherLogits: wide(e.teacherLogits) })),
    };
    const shown = renderHtml(buildReport(many));
    expect(shown.includes("Commonest mistakes")).toBe(true);
    expect(shown.includes("mistakes are tinted")).toBe(false);
    expect(/undefined|NaN/.exec(shown)).toBeNull();
  });
});

describe("model card and terminal card", () => {
  test("the worst and the best seed stand beside the mean", () => {
    const table = renderModelCard(report)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    const cells = table.map((line) => line.split("|").length);
    expect(new Set(cells).size).toBe(1); // as many in every row
    const { perSeed } = report.models.distilled.test.accuracy;
    const shares = [Math.min(...perSeed), Math.max(...perSeed)].map((x) => (100 * x).toFixed(2));
    expect(table.find((line) => line.includes("Distilled"))).toContain(
      `${shares[0]} % – ${shares[1]} %`,
    );
    const { perSeed: gains } = report.comparisons.distilledVsScratch!;
    const line = renderCard(report)
      .split("\n")
      .find((each) => /distilled vs scratch /.test(each));
    expect(line).toContain(`+${(100 * Math.max(...gains)).toFixed(2)}`);
  });

  test("front matter as model hubs read it", () => {
    const [, front] = renderModelCard(report).split("---\n");
    expect(front).toMatchInlineSnapshot(`
      "library_name: onnx
      pipeline_tag: image-classification
      tags:
        - knowledge-distillation
        - onnx
        - potstill
      metrics:
        - accuracy
      model-index:
        - name: Digits, from a wide perceptron to a narrow one
          results:
            - task:
                type: image-classification
              dataset:
                name: digits
                type: digits
                split: test
              metrics:
                - type: accuracy
                  name: Test accuracy
                  value: 0.946
      "
    `);
  });

  test("Markdown shows hostile names as text", () => {
    const data = { ...input.data, name: "a|b <script>\n# c" };
    const card = renderModelCard(buildReport({ ...input, data }));
    expect(card).toContain("a\\|b \\<script\\> \\# c");
  });

  test("the terminal card", () => {
    expect(renderCard(report)).toMatchInlineSnapshot(`
      "Digits, from a wide perceptron to a narrow one

                              accuracy  95 % interval  errors  params    MACs      size  smaller  p50 ms
      teacher                  95.60 %      93.8–97.4    22.0   806 k   805 k   3.1 MiB     1.0×   0.112
      distilled                94.60 %      93.2–95.9    27.0  6.63 k  6.59 k  26.8 KiB   117.7×   0.022
      scratch                  90.64 %      88.7–92.4    46.8  6.63 k  6.59 k  26.8 KiB   117.7×   0.022
      scratch + augmentation   93.60 %      92.0–95.2    32.0  6.63 k  6.59 k  26.8 KiB   117.7×   0.022
      scratch + smoothing      91.20 %      89.5–92.8    44.0  6.63 k  6.59 k  26.8 KiB   117.7×   0.022

                                           points   95 % interval  worst seed  best seed
      distilled vs scratch                  +3.96  [+1.88, +6.08]       +2.40      +5.60
      distilled vs scratch + augmentation   +1.00  [−0.80, +2.76]       +0.20      +1.40
      distilled vs scratch + smoothing      +3.40  [+1.28, +5.56]       +2.00      +5.60

      Distillation helped: 94.60 % against 90.64 % from scratch: +3.96 percentage points, 95 % interval
      +1.88 to +6.08 (over 5 seeds and the test samples).
      Convergence. Quicker: the distilled student needed fewer epochs than scratch in 5 of 5 seeds. It
      stays at or above scratch's best from epoch 6.8 on average; scratch gets there in epoch 19.2.
      Seconds: 5.6, with labelling 7.0, scratch 15.8.
      500 test samples, 5 seeds; 3 self-checks passed.
      "
    `);
  });

  test("no line of the terminal card is wider than 100 columns", () => {
    const long = { ...input, title: "a title ".repeat(30), seeds: input.seeds };
    for (const made of [long, bare, madeUpRun([1])])
      for (const line of renderCard(buildReport(made)).split("\n"))
        expect(line.length).toBeLessThanOrEqual(100);
  });

  test("a failed self-check is not passed over", () => {
    const card = renderCard(buildReport(madeUpRun([1])));
    expect(card).toContain("SELF-CHECKS FAILED: J9 several seeds");
  });
});
