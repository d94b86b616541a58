/** @file Loads Parquet files as a data set; images are decoded by sharp. */

import { basename } from "node:path";
import { ConfigError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import type { Dataset } from "../dataset.ts";
import type { DataPart, ParquetFiles, ParquetSpec } from "./data-spec.ts";
import type { ColumnCheck } from "./groups.ts";
import { decodeImages } from "./images-node.ts";
import {
  type ParquetPart,
  parquetClasses,
  parquetFeatures,
  parquetGroups,
} from "./parquet-samples.ts";
import type { RawSamples } from "./raw-array.ts";
import { readFileBytes } from "./read-file-node.ts";

type ClassNames = readonly string[] | undefined;

/**
 * @param files one file, or the pieces of one table in order
 * @param context.given class names, of the recipe or of the training part
 * @param context.columns is told of the columns of numbers
 * @param context.part of the transfer part no class is read, and the first file's columns alone
 * @throws as parseParquet, parquetFeatures, parquetClasses and `columns`; DataError "file/image"
 *   naming file and row of an image that cannot be decoded; ConfigError "config/conflict" for size
 *   without channels
 */
export async function loadParquet(
  { file }: ParquetFiles,
  spec: ParquetSpec,
  {
    given,
    columns,
    part,
  }: { readonly given: ClassNames; readonly columns: ColumnCheck; readonly part: DataPart },
): Promise<Dataset> {
  const files = typeof file === "string" ? [file] : file;
  const options = part === "transfer" ? { ...spec, label: null, features: columns.first() } : spec;
  assertImageOptions(spec);
  const { parseParquet } = await import("./parquet.ts"); // its decoders are many modules
  const parts: ParquetPart[] = [];
  for (const where of files) {
    const bytes = await readFileBytes(where, "a Parquet file");
    parts.push({ where, table: await parseParquet(bytes, where, options) });
  }
  const isTable = spec.size === undefined;
  if (isTable)
    for (const { where, table } of parts)
      columns.assertSame(
        where,
        table.features.map(({ name }) => name),
      );
  const raw = await samplesOf(parts, spec);
  const { labels, classNames } = parquetClasses(parts, {
    given,
    isRenamed: spec.classNames !== undefined,
  });
  const [first] = files;
  return arrayDataset({
    name: spec.name ?? basename(first!), // the schema asks for one at least
    ...raw,
    labels,
    classNames,
    groups: parquetGroups(parts),
    origin: { samples: files.join(", "), labels: files.join(", ") },
    ...(spec.preprocessing === undefined ? {} : { preprocessing: spec.preprocessing }),
  });
}

async function samplesOf(parts: readonly ParquetPart[], spec: ParquetSpec): Promise<RawSamples> {
  const { size, channels, fit } = spec;
  if (size === undefined || channels === undefined) return parquetFeatures(parts, spec);
  const images = parts.flatMap(
    ({ where, table }) =>
      table.images!.map((bytes, row) => ({ bytes, where: `${where}, row ${row}` })), // size is set
  );
  return decodeImages(
    {
      count: images.length,
      bytesOf: async (at) => images[at]!.bytes,
      nameOf: (at) => images[at]!.where,
      where: parts[0]!.where, // at least one
    },
    { size, channels, ...(fit === undefined ? {} : { fit }) },
  );
}

function assertImageOptions({ file, size, channels, image, fit }: ParquetSpec): void {
  const isImage = [size, channels].every((option) => option !== undefined);
  const isTable = [size, channels, image, fit].every((option) => option === undefined);
  if (isImage || isTable) return;
  throw new ConfigError("config/conflict", {
    where: String(file),
    rule: "images need size and channels together; columns of numbers need neither",
    got: `size ${size ?? "left out"}, channels ${channels ?? "left out"}`,
    fix: "Give both, for example size: [32, 32], channels: 3",
    details: { size, channels },
  });
}
