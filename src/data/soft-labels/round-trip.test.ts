import { expect, test } from "vitest";
import { float32FromFloat16, float16FromFloat32 } from "../../tensor/index.ts";
import { openSoftLabels, openSoftLabelWriter } from "./index.ts";
import { mapStore, sampleData } from "./package.cases.ts";

test("float16 round trip", async () => {
  const { header, batch, logits } = sampleData({ samples: 10, views: 2, members: 2 });
  const store = mapStore();
  const writer = await openSoftLabelWriter(store, header, { samplesPerShard: 4 });
  await writer.add(batch(0, 5));
  await writer.add(batch(5, 10));
  await writer.close();
  const read = await openSoftLabels(store);
  const into = new Float32Array(2 * 3);
  for (let row = 0; row < 10; row++)
    for (let view = 0; view < 2; view++) {
      const from = (row * 2 + view) * 6;
      const expected = [...logits.subarray(from, from + 6)].map((x) =>
        float32FromFloat16(float16FromFloat32(x)),
      );
      expect([...read.logits(row, view, into)]).toEqual(expected);
    }
});
