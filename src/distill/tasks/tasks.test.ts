/** @file Plans: what an id depends on, what is done, in which order, and what a crash leaves. */

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, memoryStore, type Store } from "../../data/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import {
  buildPlan,
  execute,
  mergePlans,
  type Perform,
  type Plan,
  readPlan,
  resultStore,
  type Task,
  type TaskEvent,
  taskId,
  writePlan,
} from "./index.ts";

const task = (spec: Json, needs: Task["needs"] = {}): Task => ({
  ...{ kind: "sum", version: 1 },
  ...{ spec, needs },
});
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** A task whose result is a function of its spec and of the results that it reads. */
const perform: Perform<TaskEvent> = async function* ({ task, needs, result }) {
  const read = Object.entries(needs).map(async ([role, files]) => [
    role,
    await Promise.all(files.map(async (file) => decode(await file.read("value")))),
  ]);
  const facts = [task.spec, await Promise.all(read)];
  await new Promise((done) => setTimeout(done, (task.id.charCodeAt(0) % 3) * 2)); // out of order
  await result.write("value", encode(sha256Hex(encode(JSON.stringify(facts)))));
};

/** Runs a plan. @returns states of its tasks, by name and in order */
async function run(plan: Plan, store: Store, own: Perform<TaskEvent> = perform, slots = 1) {
  const states: string[] = [];
  for await (const event of execute(plan, { results: resultStore(store), perform: own, slots }))
    states.push(`${event.name} ${event.state}`);
  return states;
}

async function contents(store: Store): Promise<Record<string, string>> {
  const names = await store.list();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, decode(await store.read(name))])),
  );
}

/** a → b → d, a → c → d, and e alone; d and e are wanted */
function diamond() {
  const builder = buildPlan();
  const a = builder.add("a", task("a"));
  const b = builder.add("b", task("b", { from: [a] }));
  const c = builder.add("c", task("c", { from: [a] }));
  const d = builder.add("d", task("d", { left: [b], right: [c] }));
  const e = builder.add("e", task("e"));
  return { plan: builder.plan([d, e]), ids: { a, b, c, d, e } };
}

test("an id is the SHA-256 of the sorted JSON of kind, version, spec and needs", () => {
  const text = '{"kind":"sum","needs":{"from":["x"]},"spec":{"a":[1,"é"],"b":null},"version":1}';
  expect(taskId(task({ b: null, a: [1, "é"] }, { from: ["x"] }))).toBe(sha256Hex(encode(text)));
});

test("an id depends on everything in the task, and not on the order of keys", () => {
  const one = task({ rate: 0.1, epochs: 3 }, { teacher: ["x"], data: ["y", "z"] });
  const others: Task[] = [
    { ...one, kind: "other" },
    { ...one, version: 2 },
    { ...one, spec: { rate: 0.1, epochs: 4 } },
    { ...one, needs: { teacher: ["x"], data: ["z", "y"] } },
    { ...one, needs: { student: ["x"], data: ["y", "z"] } },
  ];
  expect(new Set([one, ...others].map(taskId)).size).toBe(6);
  const absent = { epochs: 3, rate: 0.1, seed: undefined } as unknown as Json;
  expect(taskId(task(absent, { data: ["y", "z"], teacher: ["x"] }))).toBe(taskId(one));
});

test("a spec that JSON would change in silence is refused by its place", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, new Date(0), undefined, () => 0])
    expect(() => taskId(task({ list: [1, bad as unknown as Json] }))).toThrow(
      expect.objectContaining({
        code: "plan/not-json",
        message: expect.stringMatching(/spec\.list\[1\]/),
      }),
    );
});

test("needs come first, each task is made once, and nothing that nobody wants", async () => {
  const { plan } = diamond();
  const builder = buildPlan();
  for (const { name, ...own } of plan.tasks) builder.add(name, own);
  builder.add("unwanted", task("unwanted"));
  const states = await run(builder.plan(plan.wanted), memoryStore());
  expect(states.filter((state) => state.endsWith("done"))).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => `${name} done`),
  );
  expect(states).toHaveLength(10);
});

test("what is there is neither made again nor asked what it needs", async () => {
  const { plan, ids } = diamond();
  const store = memoryStore();
  await run(plan, store);
  expect(await run(plan, store)).toEqual(["d whole", "e whole"]);
  await resultStore(store).remove(ids.a); // as pruning may
  expect(await run(plan, store)).toEqual(["d whole", "e whole"]);
  await resultStore(store).remove(ids.d);
  const states = await run(plan, store);
  expect(states).toEqual(["b whole", "c whole", "e whole", "d begun", "d done"]);
});

test.each([
  ["value", (bytes: Uint8Array) => bytes.fill(120, 5, 6), "value is not what was written"],
  ["value", (bytes: Uint8Array) => bytes.subarray(1), "value is not what was written"],
  ["value", () => undefined, "value is missing"],
  ["entry.json", (bytes: Uint8Array) => bytes.subarray(1), "entry.json is not this task's"],
  [
    "entry.json",
    (bytes: Uint8Array) => encode(decode(bytes).replace('"spec":"b"', '"spec":"c"')),
    "entry.json is not this task's",
  ],
])("a damaged %s is said, and made again with the same bytes", async (name, damage, reason) => {
  const { plan, ids } = diamond();
  const store = memoryStore();
  await run(plan, store);
  const whole = await contents(store);
  const file = `results/${ids.b}/${name}`;
  const damaged = damage((await store.read(file))!);
  if (damaged === undefined) await store.remove(file);
  else await store.write(file, damaged);
  await store.write(`results/${ids.b}/left`, encode("by whoever did the damage"));
  await resultStore(store).remove(ids.d);
  const events: TaskEvent[] = [];
  for await (const event of execute(plan, { results: resultStore(store), perform }))
    events.push(event);
  expect(events).toContainEqual(
    expect.objectContaining({ name: "b", state: "damaged", reason, task: ids.b }),
  );
  const made = events.filter(({ state }) => state === "done").map((event) => event.name);
  expect(made).toEqual(["b", "d"]);
  expect(await contents(store)).toEqual(whole);
});

/** Plans of up to twelve tasks, each with any earlier ones as its needs. */
const plans = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((rows) => {
    const builder = buildPlan();
    const ids: string[] = [];
    for (const [at, picks] of rows.entries()) {
      const needs = at === 0 ? [] : picks.map((pick) => ids[pick % at]!);
      ids.push(builder.add(`task-${at}`, task(at, { from: needs })));
    }
    return builder.plan(ids.slice(-2));
  });

test("number at once, order and interruptions change no byte", async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.integer({ min: 2, max: 4 }), fc.nat(30), async (plan, slots, at) => {
      const alone = memoryStore();
      await run(plan, alone);
      const store = memoryStore();
      let steps = 0;
      const interrupted: Perform<TaskEvent> = async function* (work) {
        await work.work.write("begun", encode("kept until the result is whole"));
        if (steps++ === at) throw new Error("interrupted");
        yield* perform(work);
        if (steps++ === at) throw new Error("interrupted after the files, before the entry");
      };
      const first = await run(plan, store, interrupted, slots).catch((error: Error) => error);
      if (first instanceof Error) expect(first.message).toMatch(/^interrupted/);
      await run(plan, store, perform, slots);
      expect(await contents(store)).toEqual(await contents(alone));
    }),
    { numRuns: 40 },
  );
});

test("a failure ends the plan, stops what runs beside it, and keeps what is whole", async () => {
  const { plan, ids } = diamond();
  const store = memoryStore();
  const saved: string[] = [];
  const failing: Perform<TaskEvent> = async function* (work) {
    const { name } = work.task;
    if (name === "c") throw new Error("c fails");
    if (name !== "b") yield* perform(work);
    else
      await new Promise<void>((_, stop) =>
        work.signal.addEventListener("abort", () => {
          saved.push(name);
          stop(new Error("b is stopped"));
        }),
      );
  };
  await expect(run(plan, store, failing, 3)).rejects.toThrow("c fails");
  expect(saved).toEqual(["b"]);
  const results = resultStore(store);
  expect((await results.check(ids.a)).state).toBe("whole");
  expect((await results.check(ids.b)).state).toBe("absent");
});

test.each(["before it begins", "while it works"])(
  "a plan that is told to stop %s tells its tasks",
  async (when) => {
    const { plan } = diamond();
    const controller = new AbortController();
    if (when === "before it begins") controller.abort();
    const told: boolean[] = [];
    const asking: Perform<TaskEvent> = async function* (work) {
      controller.abort();
      told.push(work.signal.aborted);
      yield* perform(work);
    };
    const results = resultStore(memoryStore());
    for await (const _ of execute(plan, { results, perform: asking, signal: controller.signal }));
    expect(told).toEqual([true, true, true, true, true]);
  },
);

test("never more at once than there are slots, and all of them where the plan allows", async () => {
  const builder = buildPlan();
  const ids = [1, 2, 3, 4, 5, 6].map((at) => builder.add(`${at}`, task(at)));
  let [now, most] = [0, 0];
  const counting: Perform<TaskEvent> = async function* (work) {
    now += 1;
    most = Math.max(most, now);
    yield* perform(work);
    now -= 1;
  };
  await run(builder.plan(ids), memoryStore(), counting, 3);
  expect(most).toBe(3);
});

test("a union does once what its plans share", async () => {
  const one = buildPlan();
  const shared = one.add("teacher", task("teacher"));
  const first = one.plan([one.add("first", task("first", { teacher: [shared] }))]);
  const other = buildPlan();
  other.add("the same teacher", task("teacher"));
  const second = other.plan([other.add("second", task("second", { teacher: [shared] }))]);
  const store = memoryStore();
  const merged = mergePlans([first, second]);
  expect(merged.tasks.map(({ name }) => name)).toEqual(["teacher", "first", "second"]);
  await run(merged, store);
  expect(await resultStore(store).ids()).toHaveLength(3);
  expect(await run(second, store)).toEqual(["second whole"]);
});

test("a need that is not in the plan, or comes later, is refused", () => {
  const builder = buildPlan();
  const unknown = { code: "plan/unknown-need" };
  expect(() => builder.add("student", task("x", { teacher: [taskId(task("y"))] }))).toThrow(
    expect.objectContaining(unknown),
  );
  expect(() => builder.plan([taskId(task("y"))])).toThrow(expect.objectContaining(unknown));
});

test("a plan comes back from its file; one that was edited does not", () => {
  const builder = buildPlan();
  const b = builder.add("b", task("b"));
  builder.add("d", task("d", { from: [b] }));
  const plan = builder.plan([b]);
  const text = writePlan(plan);
  expect(readPlan(text, "plan.json")).toEqual(plan);
  for (const edited of [
    text.replace('"spec": "b"', '"spec": "c"'),
    text.replace('"spec": "d"', '"spec": "c"'), // which nobody needs or wants
    text.replace('"version": 1', '"version": 2'),
    text.replace("potstill-plan-1", "potstill-plan-0"),
    text.slice(1),
  ])
    expect(() => readPlan(edited, "plan.json")).toThrow(
      expect.objectContaining({ code: "plan/malformed" }),
    );
});
