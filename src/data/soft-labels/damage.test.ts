import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float16FromFloat32 } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { memoryStore } from "../memory-store.ts";
import { readSafetensors } from "../safetensors.ts";
import { openSoftLabels, type SoftLabelManifest, type SoftLabels } from "./index.ts";
import { filesOf, rejectionCode, sampleData, storeWith, writePackage } from "./package.cases.ts";

const data = sampleData({ samples: 8 });
const goodStore = memoryStore();
await writePackage(goodStore, data, { samplesPerShard: 3, batch: 8 });
const good = await filesOf(goodStore);

const openWith = async (files: ReadonlyMap<string, Uint8Array>): Promise<SoftLabels> =>
  openSoftLabels(await storeWith(files));
const shardNames = [...good.keys()].filter((name) => name.startsWith("shards/"));

function withFile(name: string, bytes: Uint8Array | undefined): Map<string, Uint8Array> {
  const files = new Map(good);
  if (bytes === undefined) files.delete(name);
  else files.set(name, bytes);
  return files;
}

function withManifest(change: (manifest: SoftLabelManifest) => unknown): Map<string, Uint8Array> {
  const text = new TextDecoder().decode(good.get("manifest.json"));
  const manifest = JSON.parse(text) as SoftLabelManifest; // written by this package's writer
  const changed = new TextEncoder().encode(JSON.stringify(change(manifest)));
  return withFile("manifest.json", changed);
}

test("a shard with any one byte changed is named and refused", async () => {
  const flip = fc.tuple(
    fc.constantFrom(...shardNames),
    fc.nat(10_000),
    fc.integer({ min: 1, max: 255 }),
  );
  await fc.assert(
    fc.asyncProperty(flip, async ([name, position, mask]) => {
      const bytes = good.get(name)!.slice();
      bytes[position % bytes.length]! ^= mask;
      const error: unknown = await openWith(withFile(name, bytes)).catch((e) => e);
      if (!isDistillError(error)) throw new Error("not refused");
      expect(error.code).toBe("package/damaged-shard");
      expect(error.message).toContain(name);
    }),
  );
});

test.each(shardNames)("%s cut, lengthened or missing is named and refused", async (name) => {
  const bytes = good.get(name)!;
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  for (const change of [bytes.slice(0, -1), new Uint8Array(0), longer, undefined]) {
    const opening = openWith(withFile(name, change));
    await expect(opening).rejects.toThrow(name);
    expect(await rejectionCode(openWith(withFile(name, change)))).toBe("package/damaged-shard");
  }
});

test("two shards exchanged are refused", async () => {
  const files = new Map(good);
  files.set(shardNames[0]!, good.get(shardNames[1]!)!);
  files.set(shardNames[1]!, good.get(shardNames[0]!)!);
  expect(await rejectionCode(openWith(files))).toBe("package/damaged-shard");
});

test("the manifest with any one byte changed never gives other soft labels", async () => {
  const into = new Float32Array(3);
  const change = fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 127 }));
  await fc.assert(
    fc.asyncProperty(change, async ([position, mask]) => {
      const bytes = good.get("manifest.json")!.slice();
      bytes[position % bytes.length]! ^= mask;
      const read = await openWith(withFile("manifest.json", bytes)).catch((e) => e);
      if (isDistillError(read)) return;
      for (let row = 0; row < 8; row++) {
        const row16 = Array.from(data.logits.subarray(row * 3, row * 3 + 3), float16FromFloat32);
        expect(Array.from(read.logits(row, 0, into), float16FromFloat32)).toEqual(row16);
      }
    }),
    { numRuns: 300 },
  );
});

describe("manifest", () => {
  test.each<[string, (manifest: SoftLabelManifest) => unknown, string]>([
    ["another version", (m) => ({ ...m, version: 2 }), "package/version"],
    ["another format", (m) => ({ ...m, format: "other" }), "package/version"],
    ["no object", () => 1, "package/version"],
    ["null", () => null, "package/version"],
    ["an unknown field", (m) => ({ ...m, extra: 1 }), "package/manifest"],
    ["a missing field", ({ combine, ...m }) => m, "package/manifest"],
    ["a wrong class count", (m) => ({ ...m, classCount: 4 }), "package/manifest"],
    ["a wrong sample count", (m) => ({ ...m, sampleCount: 9 }), "package/manifest"],
    ["no shards", (m) => ({ ...m, shards: [] }), "package/manifest"],
    [
      "a shard outside the folder",
      (m) => ({ ...m, shards: [{ ...m.shards[0], name: "../x.safetensors" }] }),
      "package/manifest",
    ],
    [
      "another class list",
      (m) => ({ ...m, classCount: 2, classNames: ["a", "b"] }),
      "package/shard-format",
    ],
    ["inputs that are not there", (m) => ({ ...m, withInputs: true }), "package/shard-format"],
    ["another precision", (m) => ({ ...m, precision: "float32" }), "package/shard-format"],
  ])("with %s is refused", async (_, change, code) => {
    expect(await rejectionCode(openWith(withManifest(change)))).toBe(code);
  });

  test("that is no JSON, or missing, is refused", async () => {
    const noJson = withFile("manifest.json", Uint8Array.of(1, 2));
    expect(await rejectionCode(openWith(noJson))).toBe("package/manifest");
    const missing = withFile("manifest.json", undefined);
    expect(await rejectionCode(openWith(missing))).toBe("package/missing");
    expect(await rejectionCode(openWith(new Map()))).toBe("package/missing");
  });
});

test("a shard is an ordinary safetensors file", () => {
  const { tensors } = readSafetensors(good.get(shardNames[2]!)!, "shard");
  expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
    ["labels", "int32", [2]],
    ["logits", "float16", [2, 1, 1, 3]],
    ["keys", "uint8", [2, 16]],
  ]);
});
