/** @file Trains the networks of the figures: classifiers by hard labels, others to give a target. */

import { folderStore } from "../../dist/data/sources/index-node.js";
import { freshStart } from "../../dist/distill/job.js";
import { jobPlace, runJob } from "../../dist/distill/index.js";
import { constant, input } from "../../dist/engine/graph/index.js";
import { mul, reduceMean, sub } from "../../dist/engine/ops/index.js";
import { buildOptimizer, schedule } from "../../dist/engine/optim/index.js";
import { allocate, elementCount, scalar } from "../../dist/engine/tensor/index.js";
import { buildStep, fit, learningRateInput, openPredictor } from "../../dist/engine/train/index.js";
import { datasetFeed, scalarsPart } from "../../dist/distill/training/dataset-feed.js";
import { networkOf, readModel, writeModel } from "../../dist/distill/index.js";

const learningRate = { kind: "cosine", value: 0.003 };
const [batchSize, seed] = [32, 1];

/** @returns all samples of a data set */
export async function samplesOf(data) {
  const all = allocate(data.dtype, data.length * elementCount(data.shape));
  await data.gather(
    Int32Array.from({ length: data.length }, (_, at) => at),
    all,
  );
  return all;
}

async function finished(run, say) {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    if (value.type === "epoch")
      say(`epoch ${value.record.epoch} of ${value.epochs}: validation ${value.record.validationAccuracy.toFixed(4)}`);
  }
}

/** @returns the trained model, from the folder if it is there; stopped on the way, it goes on */
export async function trainedModel(name, task, data, { runtime, folder, say }) {
  const store = await folderStore(folder);
  if (task.target === undefined) {
    const training = { epochs: task.epochs, batchSize, learningRate };
    const job = { id: name, network: task.network, train: data.train, validation: data.validation, training, seed };
    return (await finished(runJob(job, { runtime, place: jobPlace(store, job.id) }), say)).model;
  }
  const file = `${name}.safetensors`;
  const known = await store.read(file);
  if (known !== undefined) return readModel(known, file);
  const model = await regression(name, task, data, runtime, say);
  await store.write(file, writeModel(model));
  return model;
}

/** Least squares. The network has as many outputs as a target has elements. */
async function regression(name, task, { train, validation }, runtime, say) {
  const { dtype, shape, preprocessing } = train;
  const size = elementCount(shape);
  const classNames = Array.from({ length: size }, (_, at) => String(at));
  const about = { spec: task.network, sample: { dtype, shape }, preprocessing, classNames };
  const network = networkOf(about);
  const optimizer = buildOptimizer({ name: "adam" });
  const target = input("target", "float32", [batchSize, size]);
  const terms = (output) => {
    const difference = sub(output, target);
    return [{ name: "squared", loss: reduceMean(mul(difference, difference)), weight: constant(scalar("float32", 1)) }];
  };
  const objective = { perStep: [target], terms };
  const step = buildStep({ name, network, objective, optimizer, sample: train, preprocessing, batchSize });
  const rate = schedule(learningRate);
  const rates = { [learningRateInput]: ({ step: at, totalSteps }) => rate(at, totalSteps) };
  for (const [scalarName, at] of Object.entries(optimizer.scalars)) rates[scalarName] = ({ step: n }) => at(n + 1);
  const targets = {
    inputs: [{ name: "target", dtype: "float32", shape: [batchSize, size] }],
    fill: async ({ batch }, [row]) => {
      await train.gather(batch.indices, row);
      row.set(task.target(row));
    },
  };
  const parts = [scalarsPart(rates), targets];
  const feed = datasetFeed({ dataset: train, batchSize, epochs: task.epochs, seed, parts });
  const predictor = await openPredictor(runtime, { network, sample: train, preprocessing, batchSize: 100 });
  const expected = task.target(await samplesOf(validation));
  const validate = async (weights) => {
    const loss = meanSquared(await predictor.datasetLogits(validation, weights), expected);
    return { accuracy: 1 / (1 + loss), loss };
  };
  const progress = await finished(
    fit({
      job: name,
      runtime,
      step,
      feed,
      epochs: task.epochs,
      start: freshStart({ parameters: network.parameters, step }, seed),
      weightNames: network.parameters.map((parameter) => parameter.name),
      validate,
    }),
    say,
  );
  await predictor.close();
  return { ...about, weights: progress.best.weights };
}

export function meanSquared(a, b) {
  return a.reduce((sum, x, at) => sum + (x - b[at]) ** 2, 0) / a.length;
}
