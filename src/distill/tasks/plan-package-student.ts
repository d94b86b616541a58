/** @file One student of a soft-label package as a plan: the teacher is not needed, nor asked. */

import { assertCorrectable, type BiasCorrection } from "../class-bias.ts";
import { prepareJob } from "../job.ts";
import { type PackageJobOptions, packageJob } from "../package-job.ts";
import { correctionKind } from "./finish.ts";
import { TaskInputs } from "./inputs.ts";
import { addTask } from "./kind.ts";
import { buildPlan, type Plan } from "./plan.ts";
import { normalDistillation, normalTraining, studentKind } from "./training.ts";

export interface PackageStudentOptions extends PackageJobOptions {
  /** "none": no hard label of any sample; default "keep" */
  readonly labels?: "keep" | "none";
  /** default: no correction */
  readonly biasCorrection?: BiasCorrection | undefined;
  /** classes without samples in `train` */
  readonly withheld?: readonly number[];
  /** name and version of the runtime */
  readonly runtime: string;
}

export interface PlannedStudent {
  readonly plan: Plan;
  readonly inputs: TaskInputs;
  /** of the student, its class biases corrected if that was asked for */
  readonly student: string;
}

/** @throws as packageJob, prepareJob and assertCorrectable: nothing has been trained then */
export function planPackageStudent(options: PackageStudentOptions): PlannedStudent {
  const { id: name, softLabels, train, validation, student: network, seed, start } = options;
  const { labels = "keep", biasCorrection: method, withheld = [], runtime } = options;
  const job = packageJob(options);
  prepareJob(job);
  if (method !== undefined) assertCorrectable(job, method, withheld);
  const [builder, inputs] = [buildPlan(), new TaskInputs()];
  const judged = inputs.dataset(validation);
  const trained = addTask(builder, studentKind, name, {
    spec: {
      ...{ network, seed, runtime, training: normalTraining(options.training) },
      ...{ train: { data: inputs.dataset(train) }, validation: judged },
      ...(start && { start: inputs.model(start) }),
      soft: {
        package: inputs.package(softLabels),
        spec: normalDistillation(options.distillation ?? {}),
        hardLabels: labels === "keep",
      },
    },
    needs: {},
  });
  if (method === undefined) return { plan: builder.plan([trained]), inputs, student: trained };
  const corrected = addTask(builder, correctionKind, `${name}, biases`, {
    spec: { method, withheld, validation: judged, runtime },
    needs: { student: [trained] },
  });
  return { plan: builder.plan([trained, corrected]), inputs, student: corrected };
}
