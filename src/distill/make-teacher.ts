/** @file A run's teacher from what it is made of: networks to train, models that are there. */

import { type Dataset, onlyClasses, seenByTeacher } from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import type { DistillEvent } from "./events.ts";
import { memberLogits } from "./member-logits.ts";
import type {
  DistillOptions,
  EnsembleSource,
  SpecialistsSource,
  TrainedTeacher,
} from "./options.ts";
import type { RunJobs } from "./run-jobs.ts";
import { trainSpecialists } from "./specialists/index.ts";
import { type AskableSource, memberCount, partsSeenByTeacher } from "./teacher-source.ts";
import { ensembleTeacher } from "./teachers/ensemble-teacher.ts";
import { validationWeights } from "./teachers/ensemble-weights.ts";
import { type TeacherThreads, teacherThreads } from "./teachers/local-work.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import type { Teacher } from "./teachers/teacher.ts";
import type { Model } from "./training/model-file.ts";

type Context = Pick<
  DistillOptions,
  "data" | "runtime" | "store" | "signal" | "createdBy" | "distillation"
> & {
  /** names of the classes that it knows, where these are not all of the data's; checked */
  readonly teacherClasses?: readonly string[] | undefined;
};

/** What of a teacher was opened here, and must be closed here. */
export interface MadeTeacher {
  readonly teacher: Teacher;
  readonly close: () => Promise<void>;
  /** of a teacher that is one network trained here */
  readonly model?: Model;
}

/**
 * Trains what is to be trained, on what teachers see of the data; a teacher that was given stays
 * the caller's.
 *
 * @param source has passed assertTeacherSource
 * @throws whatever training refuses
 */
export async function* makeTeacher(
  source: AskableSource,
  given: Context,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, MadeTeacher> {
  const context = { ...given, data: partsSeenByTeacher(given.data) };
  switch (source.kind) {
    case "given":
      return { teacher: source.teacher, close: async () => undefined };
    case "train": {
      const { teacher, kind } = source;
      const { combine, weights } = teacher;
      const ensemble = {
        kind: "ensemble",
        members: [{ kind, teacher }],
        combine,
        weights,
      } as const;
      return yield* makeEnsemble(ensemble, context, jobs);
    }
    case "ensemble":
      return yield* makeEnsemble(source, context, jobs);
    case "specialists":
      return yield* makeSpecialists(source, context, jobs);
  }
}

/** A network that was trained here, and how it is asked. */
type Trained = TeacherThreads & { readonly model: Model };

async function* makeEnsemble(
  { members, combine, weights }: EnsembleSource,
  context: Context,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, MadeTeacher> {
  const total = members.reduce((sum, member) => sum + memberCount(member), 0);
  const results: (Teacher | Trained)[] = [];
  for (const member of members)
    if (member.kind === "given") results.push(member.teacher);
    else
      for (let own = 0; own < memberCount(member); own++) {
        const number = results.length + 1;
        const id = total === 1 ? "teacher" : `teacher/member-${number}`;
        const job = teacherJob(member.teacher, id, teacherSeed + number, context);
        const { model } = yield* jobs.run(job);
        results.push({ model, ...teacherThreads(job.training, context) });
      }
  const opened: Teacher[] = [];
  const close = async (): Promise<void> => {
    for (const own of opened) await own.close();
  };
  try {
    const all: Teacher[] = [];
    for (const result of results)
      if ("model" in result) {
        const teacher = await networkTeacher(context.runtime, result.model, result);
        opened.push(teacher);
        all.push(teacher);
      } else all.push(result);
    const teacher = await weighted(all, { combine, weights }, context);
    const [only] = results;
    const isOne = results.length === 1 && only !== undefined && "model" in only;
    return { teacher, close, ...(isOne && { model: only.model }) };
  } catch (cause) {
    await Promise.allSettled(opened.map((own) => own.close()));
    throw cause;
  }
}

async function weighted(
  members: readonly Teacher[],
  { combine, weights }: Pick<EnsembleSource, "combine" | "weights">,
  { data, teacherClasses }: Context,
): Promise<Teacher> {
  const teacher = ensembleTeacher(members, { ...(combine && { combine }) });
  if (weights === undefined || teacher.members.length === 1) return teacher;
  const chosen =
    weights === "validation"
      ? await chosenWeights(teacher, taughtPart(data.validation, teacherClasses))
      : weights;
  return ensembleTeacher(members, { combine: teacher.combine, weights: chosen });
}

async function chosenWeights(
  teacher: Teacher,
  validation: DistillOptions["data"]["validation"],
): Promise<readonly number[]> {
  const logits = await memberLogits(teacher, validation);
  return validationWeights(logits, validation.labels, teacher).weights;
}

async function* makeSpecialists(
  { generalist, specialists, data }: SpecialistsSource,
  context: Context,
  jobs: RunJobs,
): AsyncGenerator<DistillEvent, MadeTeacher> {
  const model =
    generalist.kind === "model"
      ? generalist.model
      : (yield* jobs.run(
          teacherJob(
            oneNetwork(generalist.teacher),
            "teacher/generalist",
            teacherSeed + 1,
            context,
          ),
        )).model;
  const known = generalist.kind === "train" ? generalist.teacher.data : undefined;
  const train = ownOr(data ?? known, context.data.train);
  const own = { ...context, data: { ...context.data, train } };
  const teacher = yield* trainSpecialists(model, specialists, own, jobs);
  return { teacher, close: teacher.close };
}

function oneNetwork(generalist: TrainedTeacher): TrainedTeacher {
  if ((generalist.members ?? 1) === 1) return generalist;
  throw new ConfigError("config/conflict", {
    where: "specialists",
    rule: "specialists start from the weights of one generalist",
    got: `${generalist.members} members`,
    fix: "Train one generalist",
  });
}

function teacherJob(
  { network, training, data }: TrainedTeacher,
  id: string,
  seed: number,
  context: Context,
) {
  const { data: shared, teacherClasses } = context;
  const train = taughtPart(ownOr(data, shared.train), teacherClasses);
  const validation = taughtPart(shared.validation, teacherClasses);
  return { id, network, train, validation, training, seed };
}

/** What a teacher of some classes learns from, and is judged by: their samples. */
export function taughtPart(dataset: Dataset, known: readonly string[] | undefined): Dataset {
  return known === undefined ? dataset : onlyClasses(dataset, known, "teacher.classes");
}

/** @returns what a teacher sees of its own training data, or of those that it shares */
function ownOr(own: Dataset | undefined, shared: Dataset): Dataset {
  return own === undefined ? shared : seenByTeacher(own);
}

/** Teachers' seeds are far from the students', so that none shares another's initial weights. */
const teacherSeed = 1_000_000;
