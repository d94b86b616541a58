export type {
  ArrayOptions,
  CommonSpec,
  CsvOptions,
  CsvSpec,
  DataSpec,
  DigitsSpec,
  IdxFiles,
  IdxSpec,
  ImagesSpec,
  LoadedData,
  NpyFiles,
  NpySpec,
  NpzSpec,
} from "./data-spec.ts";
export { type Digits, parseDigits } from "./digits.ts";
export { loadDigits } from "./digits-node.ts";
export { folderStore } from "./folder-store-node.ts";
export { parseIdx } from "./idx.ts";
export { loadData } from "./load-node.ts";
export { parseNpy, parseNpz } from "./npy.ts";
export { gunzipped } from "./zip-checksums.ts";
export { readFileBytes, systemCode } from "./read-file-node.ts";
