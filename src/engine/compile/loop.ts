/**
 * @file Wraps a training step into a model that runs many steps in one call.
 *
 * An ONNX Loop carries the state. Per-step inputs arrive as slabs with a leading steps axis;
 * iteration i gathers row i. The loop goes on while every metric is finite, so a bad step ends the
 * call and is the last one reported.
 *
 * After the loop, numbers of the state that are too small for float32's normal form become 0. The
 * momentum of a unit that has died shrinks by a constant factor a step until it is such a number,
 * and stays one, since rounding gives it back; a processor takes some hundred cycles for each, at
 * every step. See docs/performance.md. So the cut into calls shows in such momentum, and in weights
 * only where they are about as small themselves.
 */

import { GraphError } from "../../errors/index.ts";
import { type Graph, type GraphOutput, type Value, valuesOf, verifyGraph } from "../graph/index.ts";
import { type OnnxGraph, type OnnxValueInfo, writeOnnx } from "../onnx/index.ts";
import { sameShape, showShape } from "../tensor/index.ts";
import { onnxOpset } from "./compile-graph.ts";
import { declare, type Emitter, emitValues, makeEmitter } from "./emit-graph.ts";
import { type FormChoice, trainingForms } from "./forms.ts";
import { optimizeGraph } from "./optimize-graph.ts";

/** One tensor that lives from step to step: a parameter, an optimiser slot, a running statistic. */
export interface StateSlot {
  /** the placeholder that holds it before the step; its name is the slot's name */
  readonly before: Value;
  /** its value after the step; same dtype and shape */
  readonly after: Value;
}

/** A training step as a value: (state, per-step inputs) → (state', metrics). */
export interface Step {
  readonly name: string;
  readonly state: readonly StateSlot[];
  /** placeholders fed anew at each step: batch tensors and scalars such as the learning rate */
  readonly perStep: readonly Value[];
  /** float32 scalars */
  readonly metrics: readonly GraphOutput[];
  /** iterations that make up one optimiser step, which sums their gradients; default 1 */
  readonly microBatches?: number | undefined;
}

/** Name of the int64 scalar input that says how many steps a call runs. */
export const stepsInput = "steps";

/**
 * Checks a step: each slot keeps its dtype and shape, metrics are scalars, and the whole is a
 * well-formed graph.
 *
 * @throws GraphError "graph/state", "graph/metric", "graph/reserved-name" or "graph/invalid"
 */
export function stepGraph(step: Step): Graph {
  for (const slot of step.state) assertKept(step.name, slot);
  for (const metric of step.metrics) assertMetric(step.name, metric);
  const graph: Graph = {
    name: step.name,
    inputs: [...step.state.map(({ before }) => before), ...step.perStep],
    outputs: [
      ...step.state.map(({ before, after }) => ({ name: `${before.name}'`, value: after })),
      ...step.metrics,
    ],
  };
  verifyGraph(graph);
  const named = [...graph.inputs, ...graph.outputs].map(({ name }) => name);
  const reserved = named.find((name) => name === stepsInput || name.startsWith(bodyPrefix));
  if (reserved !== undefined)
    throw new GraphError("graph/reserved-name", {
      where: `step "${step.name}"`,
      rule: `"${stepsInput}" and names that start with "${bodyPrefix}" belong to the loop`,
      got: `"${reserved}"`,
      fix: "Choose another name",
    });
  return graph;
}

function assertKept(step: string, { before, after }: StateSlot): void {
  if (before.dtype !== after.dtype || !sameShape(before.shape, after.shape))
    throw new GraphError("graph/state", {
      where: `step "${step}", state "${before.name}"`,
      rule: "state must keep its dtype and shape",
      got: `${typeText(before)} before and ${typeText(after)} after`,
    });
}

function assertMetric(step: string, { name, value }: GraphOutput): void {
  if (value.dtype !== "float32" || value.shape.length > 0)
    throw new GraphError("graph/metric", {
      where: `step "${step}", metric "${name}"`,
      rule: "a metric must be a float32 scalar",
      got: typeText(value),
      fix: "Reduce it first, for example with reduceMean",
    });
}

function typeText({ dtype, shape }: Value): string {
  return `${dtype}${showShape(shape)}`;
}

/**
 * @param forms take precedence over the forms that training prefers
 * @returns the bytes of a model with inputs: `steps` (int64 scalar), every state slot, and every
 *   per-step input with a leading steps axis; outputs: every state slot under its name with a
 *   prime, and every metric as float32 [steps run]
 */
export function compileSteps(step: Step, forms: FormChoice = {}): Uint8Array {
  const choice = { ...trainingForms(), ...forms };
  const graph = optimizeGraph(stepGraph(step), choice);
  const top = makeEmitter(
    "",
    [...graph.inputs, ...graph.outputs].map(({ name }) => name),
  );
  const body = bodyGraph(step, graph, choice);
  const stateNames = step.state.map(({ before }) => before.name);
  const stateOutputs = stateNames.map((name) => `${name}'`);
  const isFloat = step.state.map(({ after }) => after.dtype === "float32");
  const looped = stateOutputs.map((name, index) => (isFloat[index] ? afterLoop(name) : name));
  const metricNames = step.metrics.map(({ name }) => name);
  const goOn = top.emit.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  top.nodes.push({
    type: "Loop",
    domain: "",
    inputs: [stepsInput, goOn, ...stateNames],
    outputs: [...looped, ...metricNames],
    attrs: { body },
  });
  const flush = flusher(top);
  for (const [index, name] of stateOutputs.entries())
    if (isFloat[index]) flush(looped[index]!, name);
  const slab = (value: Value): OnnxValueInfo => ({
    name: value.name,
    dtype: value.dtype,
    shape: ["S", ...value.shape],
  });
  return writeOnnx({
    opset: onnxOpset,
    metadata: {},
    graph: {
      name: `${step.name}, many steps`,
      nodes: top.nodes,
      initializers: top.initializers,
      inputs: [
        { name: stepsInput, dtype: "int64", shape: [] },
        ...step.state.map(({ before }) => declare(before.name, before)),
        ...step.perStep.map(slab),
      ],
      outputs: [
        ...step.state.map(({ after }, index) => declare(stateOutputs[index]!, after)),
        ...metricNames.map((name) => ({ name, dtype: "float32" as const, shape: ["R"] })),
      ],
    },
  });
}

/** Starts every name inside the loop's body. */
const bodyPrefix = "b/";
const iterationInBody = `${bodyPrefix}iteration`;

/** Of a state slot with its prime: what the loop gives. */
const afterLoop = (name: string): string => `${bodyPrefix}after/${name}`;

/** float32: numbers closer to 0 have fewer digits and take longer */
const smallestNormal = 2 ** -126;

/** @returns what emits `to` = 0 where |from| < 2⁻¹²⁶, else `from`; NaN and infinities stay */
function flusher({ emit, nodes }: Emitter): (from: string, to: string) => void {
  const scalar = (value: number): string =>
    emit.constant({ dtype: "float32", shape: [], data: Float32Array.of(value) });
  const [zero, bound] = [scalar(0), scalar(smallestNormal)];
  return (from, to) => {
    const isTiny = emit.node("Less", [emit.node("Abs", [from]), bound]);
    nodes.push({
      type: "Where",
      domain: "",
      inputs: [isTiny, zero, from],
      outputs: [to],
      attrs: {},
    });
  };
}

function stateInBody({ name }: Value): string {
  return `${bodyPrefix}state/${name}`;
}

function bodyGraph(step: Step, graph: Graph, forms: FormChoice): OnnxGraph {
  const emitter = makeEmitter(bodyPrefix);
  const names = new Map<Value, string>();
  for (const { before } of step.state) names.set(before, stateInBody(before));
  const used = new Set(valuesOf(graph));
  for (const value of step.perStep.filter((each) => used.has(each)))
    names.set(value, emitter.emit.node("Gather", [value.name, iterationInBody], { axis: 0n }));
  emitValues(graph, emitter, names, forms);
  const results = bodyOutputs(graph, emitter, names);
  const metrics = results.slice(step.state.length);
  const goOn: OnnxValueInfo = { name: allFinite(emitter, metrics), dtype: "bool", shape: [] };
  return {
    name: step.name,
    nodes: emitter.nodes,
    initializers: emitter.initializers,
    inputs: [
      { name: iterationInBody, dtype: "int64", shape: [] },
      { name: `${bodyPrefix}condition`, dtype: "bool", shape: [] },
      ...step.state.map(({ before }) => declare(stateInBody(before), before)),
    ],
    outputs: [goOn, ...results],
  };
}

/**
 * A value that a node made is an output under its own name: a copy under another name costs 3-5 %
 * of the step of a large MLP. What is an input, a constant, or an output already gets a copy.
 */
function bodyOutputs(
  { outputs }: Graph,
  { nodes }: Emitter,
  names: ReadonlyMap<Value, string>,
): OnnxValueInfo[] {
  const free = new Set(nodes.flatMap((node) => node.outputs));
  return outputs.map(({ name, value }) => {
    const own = names.get(value)!;
    if (free.delete(own)) return declare(own, value);
    const copy = `${bodyPrefix}out/${name}`;
    nodes.push({ type: "Identity", domain: "", inputs: [own], outputs: [copy], attrs: {} });
    return declare(copy, value);
  });
}

/** Zero times a finite number is zero; zero times infinity or NaN is NaN, which equals nothing. */
function allFinite({ emit }: Emitter, metrics: readonly OnnxValueInfo[]): string {
  const zero = emit.constant({ dtype: "float32", shape: [], data: Float32Array.of(0) });
  const sum = metrics
    .map(({ name }) => emit.node("Mul", [name, zero]))
    .reduce((total, term) => emit.node("Add", [total, term]), zero);
  return emit.node("Equal", [sum, zero]);
}
