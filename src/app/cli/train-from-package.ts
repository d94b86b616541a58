/** @file The work of potstill train. */

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { assertOfOneKind, type SoftLabels } from "../../data/index.ts";
import { folderStore, systemCode } from "../../data/sources/index-node.ts";
import {
  execute,
  type GeneratedSpec,
  type JobResult,
  modelHash,
  openWorkshop,
  type PlannedStudent,
  planPackageStudent,
  settledSpec,
  studentFile,
  trainedResult,
  writeModel,
} from "../../distill/index.ts";
import type { NetworkSpec } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { ConfigError } from "../../errors/index.ts";
import {
  type DataParts,
  namedNetwork,
  parseRecipe,
  type Recipe,
  resolveRecipe,
  splitData,
  teacherClassesOf,
} from "../spec/index.ts";
import { encodedAs } from "./data-encoding.ts";
import { makeDisplay } from "./display.ts";
import { ownVersion } from "./environment.ts";
import { showPercent } from "./event-text.ts";
import { mayEndWell, StartedFailure } from "./failure.ts";
import { lockFolder, lockName } from "./folder-lock.ts";
import { listenForInterruption } from "./interruption.ts";
import { loadAnyData } from "./load-data.ts";
import { unwritableFolder } from "./made-folders.ts";
import { combinedPackage, openPackageFolder } from "./package-folder.ts";
import { checkpointOptions } from "./prepare.ts";
import { recipeText } from "./recipe-file.ts";
import { eventLine } from "./run-log.ts";
import { openRunLogs, type RunLogs } from "./run-logs.ts";
import { withRuntime } from "./start-run.ts";
import { openStoreFolder } from "./store-folder.ts";
import { packageStart } from "./student-start.ts";
import type { Terminal } from "./terminal.ts";

export interface TrainRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly overrides: readonly string[];
}

/**
 * Trains the recipe's student from a package and writes it into `out`, as safetensors and as
 * ONNX, with the logs that a run folder has.
 */
export async function trainFromPackage(
  packageFolder: string,
  recipePath: string,
  out: string,
  request: TrainRequest,
): Promise<void> {
  const text = await recipeText(recipePath);
  const teacher = packageOverride(text, packageFolder);
  const recipe = parseRecipe(text, recipePath, [teacher, ...request.overrides]);
  await refuseHeld(out);
  const network = studentOf(recipe);
  const opened = await openPackageFolder(packageFolder);
  if (!opened.manifest.withInputs && recipe.data === undefined) throw noSamples(packageFolder);
  const { generated } = recipe.transfer ?? {};
  if (generated !== undefined) assertGeneratedPackage(generated, recipe, opened, packageFolder);
  const work = (runtime: Runtime): Promise<void> =>
    trainFor(recipe, { opened, network, out, request, runtime });
  await withRuntime(work, recipe.provider);
}

/**
 * The package is the teacher; how the recipe combines a package's members, it still does, and
 * which classes it says that the teacher knows.
 */
function packageOverride(text: string, softLabels: string): string {
  const written: unknown = parseDocument(text).toJS(); // what is wrong with it, parseRecipe says
  const { teacher } = Object(written) as { readonly teacher?: unknown }; // any value has it, perhaps undefined
  const own = Object(teacher) as { readonly classes?: unknown };
  const { classes } = own;
  const kept = "softLabels" in own ? own : { ...(classes !== undefined && { classes }) };
  return `teacher=${JSON.stringify({ ...kept, softLabels })}`;
}

async function trainFor(
  recipe: Recipe,
  {
    opened,
    network,
    out,
    request,
    runtime,
  }: {
    readonly opened: SoftLabels;
    readonly network: NetworkSpec;
    readonly out: string;
    readonly request: TrainRequest;
    readonly runtime: Runtime;
  },
): Promise<void> {
  const parts = await partsOf(recipe, opened);
  const softLabels =
    "softLabels" in recipe.teacher // as the override says
      ? combinedPackage(opened, recipe.teacher, parts.validation)
      : opened;
  const seed = recipe.seeds?.[0] ?? 1;
  const { transfer, distillation, training } = recipe;
  const threads = training.threads ?? recipe.threads ?? 1;
  const planned = planPackageStudent({
    ...{ id: studentName, softLabels, student: network, seed },
    ...{ train: parts.train, validation: parts.validation, withheld: parts.withheld },
    training: { ...training, threads },
    ...(distillation && { distillation }),
    ...{ labels: transfer?.labels ?? "keep", biasCorrection: transfer?.biasCorrection },
    ...{ teacherClasses: teacherClassesOf(recipe.teacher), start: await packageStart(recipe) },
    runtime: `${runtime.name} ${runtime.version}`,
  });
  const recipeText = stringify(resolveRecipe(recipe));
  const saving = { ...checkpointOptions(recipe), recipeText, stepLogs: recipe.stepLogs };
  const result = await trainInto(out, planned, saving, request, runtime);
  present(out, result, request);
}

/** What the student is called in events and curves. */
const studentName = "student";

/** The package's samples, or the recipe's; generated ones have the recipe's validation part. */
async function partsOf(recipe: Recipe, opened: SoftLabels): Promise<DataParts> {
  const { manifest } = opened;
  const isGenerated = recipe.transfer?.generated !== undefined;
  if (recipe.data !== undefined && (isGenerated || !manifest.withInputs)) {
    const parts = splitData(await loadAnyData(encodedAs(manifest, recipe.data)), recipe);
    if (!isGenerated) return parts;
    const train = opened.asDataset();
    assertOfOneKind(train, parts.validation, "validation");
    return { ...parts, train };
  }
  // A package holds no test samples, so there is no share of them to set aside.
  const { test: _, ...split } = recipe.split ?? {};
  return splitData({ train: opened.asDataset(), test: null }, { ...recipe, split });
}

/** @throws ConfigError "config/conflict" if it is to be searched for */
function studentOf({ student }: Recipe): NetworkSpec {
  const named = namedNetwork(student);
  if (named !== null && student.search === undefined) return named;
  throw new ConfigError("config/conflict", {
    where: "potstill train, student.search",
    rule: "a search compares students with their teacher, which a package is without",
    got: "a student to be searched for",
    fix: "Search with potstill distill, then name the student that it found",
  });
}

type Saving = ReturnType<typeof checkpointOptions> & {
  /** resolved, for the logs */
  readonly recipeText: string;
  readonly stepLogs: boolean | undefined;
};

/** Where the results of the training's tasks are until it is over. */
const workName = ".store";

async function trainInto(
  out: string,
  planned: PlannedStudent,
  saving: Saving,
  request: TrainRequest,
  runtime: Runtime,
): Promise<JobResult> {
  const { terminal } = request;
  const lock = await lockFolder(out);
  const display = makeDisplay(terminal);
  const interruption = listenForInterruption(terminal, display.stop);
  const state = { hasBegun: false };
  try {
    await refuseHeld(out); // another command may have ended while the data was read
    const store = await folderStore(out);
    await store.write(unfinishedName, new Uint8Array());
    const { signal } = interruption;
    const result = await trained(
      { out, planned, saving, request, runtime, display, signal },
      state,
    );
    await store.write("student.onnx", studentFile(result.model).bytes);
    await store.write("student.safetensors", writeModel(result.model));
    await rm(join(out, workName), { recursive: true, force: true });
    await rm(join(out, unfinishedName));
    return result;
  } catch (error) {
    if (state.hasBegun) {
      display.stop();
      if (mayEndWell(error)) terminal.say("To go on: give the same command again");
      throw new StartedFailure(error);
    }
    await lock.discard();
    throw error;
  } finally {
    display.stop();
    interruption.release();
    await lock.release();
  }
}

interface Training {
  readonly out: string;
  readonly planned: PlannedStudent;
  readonly saving: Saving;
  readonly request: TrainRequest;
  readonly runtime: Runtime;
  readonly display: ReturnType<typeof makeDisplay>;
  readonly signal: AbortSignal;
}

/** Every event is in the log before the next step is asked for. */
async function trained(
  { out, planned, saving, request, runtime, display, signal }: Training,
  state: { hasBegun: boolean },
): Promise<JobResult> {
  const { results, claim } = await openStoreFolder(join(out, workName));
  const { recipeText, stepLogs, ...checkpoints } = saving;
  let log: RunLogs | undefined;
  const workshop = openWorkshop(planned, {
    ...{ runtime, createdBy: `potstill ${ownVersion()}`, ...checkpoints },
    memoryBytes: process.availableMemory(),
    checkpointExtra: () => log?.sync(),
  });
  try {
    const { perform } = workshop;
    for await (const event of execute(planned.plan, { results, perform, claim, signal })) {
      if (event.type === "steps" || event.type === "epoch") state.hasBegun = true;
      log ??= await openRunLogs(await folderStore(out), out, results, { recipeText, stepLogs });
      log.add(event);
      if (request.json) request.terminal.print(eventLine(event));
      display.show(event);
    }
    return await trainedResult(results.open(planned.student), studentName);
  } finally {
    log?.close();
    await workshop.close();
  }
}

function present(out: string, result: JobResult, { terminal, json }: TrainRequest): void {
  const { validationAccuracy, bestEpoch, model } = result;
  const student = join(out, "student.onnx");
  const hash = modelHash(model);
  terminal.print(
    json
      ? JSON.stringify({ type: "done", student, validationAccuracy, bestEpoch, hash })
      : `${student}: validation accuracy ${showPercent(validationAccuracy)} at epoch ${bestEpoch}\nmodel ${hash}`,
  );
}

/**
 * @throws ConfigError "config/missing" for a package or a recipe without its samples;
 *   "config/conflict" for a package of others than the recipe names
 */
function assertGeneratedPackage(
  spec: GeneratedSpec,
  { data }: Recipe,
  opened: SoftLabels,
  folder: string,
): void {
  const { withInputs, dataName, sampleCount, generated } = opened.manifest;
  if (!withInputs || data === undefined)
    throw new ConfigError("config/missing", {
      where: folder,
      rule: "with transfer.generated the package has the training samples, and the recipe's data the validation samples",
      got: withInputs ? "a recipe without data" : "a package without samples",
      fix: "Label with --with-inputs, and name the data in the recipe",
    });
  const wanted = settledSpec(spec, opened.asDataset());
  const known = [`generated ${spec.kind}`, spec.samples].join() === [dataName, sampleCount].join();
  // a package that was made in code may not say how its samples were
  if (generated === undefined ? known : JSON.stringify(generated) === JSON.stringify(wanted))
    return;
  const onLine = (value: unknown): string =>
    stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
  throw new ConfigError("config/conflict", {
    where: folder,
    rule: `the package must hold the samples that transfer.generated names: ${onLine(wanted)}`,
    got: generated === undefined ? `${sampleCount} samples of ${dataName}` : onLine(generated),
    fix: "Label with this recipe, or leave transfer.generated out",
  });
}

function noSamples(folder: string): ConfigError {
  return new ConfigError("config/missing", {
    where: folder,
    rule: "a package without samples needs the recipe's data",
    got: "neither",
    fix: "Add data to the recipe, or label again with --with-inputs",
  });
}

/** Lies in the folder of a training that is not at its end: what else is there is its own. */
const unfinishedName = "unfinished";

/** @throws ConfigError "config/usage" for a folder that holds anything else; DataError for none */
async function refuseHeld(out: string): Promise<void> {
  const names = await readdir(out).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw unwritableFolder(out, error, "Choose another folder");
  });
  const held = names.filter((name) => !name.startsWith(lockName));
  if (held.length === 0 || held.includes(unfinishedName)) return;
  const more = held.length > 3 ? ", …" : "";
  throw new ConfigError("config/usage", {
    where: "potstill train --out",
    rule: "nothing is overwritten: the folder is new, empty, or holds a training that is unfinished",
    got: `${out}, which holds ${held.sort().slice(0, 3).join(", ")}${more}`,
    fix: "Choose another folder",
  });
}
