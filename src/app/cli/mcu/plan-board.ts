/** @file The work of potstill export --board: a plan that fits, or a refusal that helps. */

import { exportC, inMemoryOrder } from "../../../device/export/index.ts";
import { imageOf, type QuantizedGraph } from "../../../device/quantize/index.ts";
import {
  type Board,
  boardNamed,
  cores,
  parseSize,
  type Reserve,
} from "../../../distill/boards/index-node.ts";
import type { Model } from "../../../distill/index.ts";
import { bytesOf } from "../../../engine/tensor/index.ts";
import { StartedFailure } from "../failure.ts";
import type { Terminal } from "../terminal.ts";
import { type Budget, budgetOf } from "./budget.ts";
import { budgetLines, fitsBoard, layerLines, overBudget } from "./budget-text.ts";
import { type ExportedFrontEnd, hearingProgram } from "./front-end-program.ts";
import { type LayerCost, layerCosts } from "./layer-costs.ts";
import { type NarrowerStudent, widestThatFits } from "./narrower-student.ts";
import type { OfferOutcome } from "./train-narrower-student.ts";

export interface BoardRequest {
  readonly board: Board;
  readonly reserve: Reserve;
}

/** @throws ConfigError for a board or a size that is none */
export function boardRequest(
  name: string,
  reserveFlash: string | undefined,
  reserveRam: string | undefined,
): BoardRequest {
  return {
    board: boardNamed(name),
    reserve: {
      flashBytes: parseSize("--reserve-flash", reserveFlash ?? "0"),
      ramBytes: parseSize("--reserve-ram", reserveRam ?? "0"),
    },
  };
}

export interface PlanRequest extends BoardRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** undefined if its family is not known */
  readonly model: Model | undefined;
  readonly graph: QuantizedGraph;
  readonly name: string;
  /** row-major int8 */
  readonly samples: readonly Int8Array[];
  /** of a speech student */
  readonly exportedFrontEnd?: ExportedFrontEnd | undefined;
  /** trains the student that is offered where the network does not fit; absent to offer sizes */
  readonly offer?: ((student: NarrowerStudent) => Promise<OfferOutcome>) | undefined;
}

/** Samples run on the emulated core. */
const emulatedSamples = 8;

export interface BoardPlan {
  readonly lines: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * @throws StartedFailure around ExportError "export/over-budget", after the plan and the layers
 *   were printed
 */
export async function planForBoard(request: PlanRequest): Promise<BoardPlan> {
  const { terminal, json, board, reserve, graph, name, exportedFrontEnd } = request;
  const program = exportC(graph, { name });
  const size = imageOf(graph.tensors[graph.input]!.shape);
  const samples = request.samples
    .slice(0, emulatedSamples)
    .map((sample) => bytesOf(inMemoryOrder(sample, size)));
  const measured = exportedFrontEnd
    ? hearingProgram(program, exportedFrontEnd, name)
    : { name, program, samples };
  const budget = budgetOf({ board, reserve, ...measured });
  const costs = layerCosts(graph, cores[board.core].path);
  const plan = { lines: budgetLines(budget), details: { board: detailsOf(budget, costs) } };
  if (fitsBoard(budget)) return plan;
  const by = budget.flashFreeBytes < 0 ? "flash" : "RAM";
  terminal.print(
    json
      ? JSON.stringify({ type: "over-budget", ...plan.details })
      : [...plan.lines, "", ...layerLines(costs, by)].join("\n"),
  );
  const narrower = narrowerFor(request, program, budget);
  const offer = narrower && (await request.offer?.(narrower));
  throw new StartedFailure(overBudget(budget, costs, narrower, offer));
}

/** Code, start-up, data and stack are taken to be those of the network at hand. */
function narrowerFor(
  { model, board, exportedFrontEnd }: PlanRequest,
  { constantBytes }: { readonly constantBytes: number },
  budget: Budget,
) {
  if (model === undefined) return undefined;
  const flash = budget.flashFreeBytes + constantBytes;
  const beside =
    exportedFrontEnd === undefined
      ? 0
      : exportedFrontEnd.stateBytes + 2 * exportedFrontEnd.plan.hop;
  const ram = budget.ramFreeBytes + budget.arenaBytes - beside;
  return widestThatFits(
    model,
    cores[board.core].path,
    (sizes) => sizes.constantBytes <= flash && sizes.arenaBytes <= ram,
  );
}

function detailsOf(budget: Budget, layers: readonly LayerCost[]) {
  const { board, milliseconds, microjoules, ...rest } = budget;
  return {
    name: board.name,
    core: board.core,
    flashBytes: board.flashKiB * 1024,
    ramBytes: board.ramKiB * 1024,
    fits: fitsBoard(budget),
    ...rest,
    estimatedMilliseconds: milliseconds,
    ...(microjoules && { estimatedMicrojoules: microjoules }),
    layers,
  };
}
