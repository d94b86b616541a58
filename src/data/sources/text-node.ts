/** @file Text with classes: a table with one column of text and one of classes. */

import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { ConfigError, DataError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import type { Dataset, TextEncoding } from "../dataset.ts";
import { encodeTexts, textEncoding } from "../text/tokens.ts";
import { classIndices, sortedClasses } from "./classes.ts";
import { classOf, guessDelimiter, readRecords } from "./csv.ts";
import type { DataPart, TextSpec } from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import type { ColumnCheck } from "./groups.ts";
import { groupOf } from "./groups.ts";
import { readFileBytes } from "./read-file-node.ts";
import { columnNumber } from "./table-columns.ts";

interface Columns {
  readonly text: number;
  readonly label: number | null;
  readonly group: number | null;
}

interface TextTable {
  /** names of the columns of text and of groups */
  readonly column: string;
  readonly groupColumn: string | null;
  readonly texts: readonly string[];
  readonly classes: readonly (string | undefined)[];
  readonly groups: readonly string[] | null;
  readonly lines: readonly number[];
}

interface TextAsked {
  readonly given: readonly string[] | undefined;
  readonly part: DataPart;
  readonly columns: ColumnCheck;
}

/**
 * Loads texts as token ids, int32 [length].
 *
 * @param asked.given class names; of a transfer part the class is not read
 * @param asked.columns is told of the training part's column of text, which a transfer part has too
 * @param encoding of the training part, or of the model that will read the text; without it the
 *   file's own most frequent tokens are numbered
 * @throws DataError "file/missing", "file/magic", "file/columns"; "data/label", "data/group" and
 *   "data/class" as in other tables; "data/empty"; ConfigError "config/unknown-name" for a column
 *   that is not there, "config/range", "config/conflict" for options that the encoding contradicts
 */
export async function loadText(
  file: string,
  spec: TextSpec,
  { given, part, columns }: TextAsked,
  encoding: TextEncoding | undefined,
): Promise<Dataset> {
  const text = decodeText(await readFileBytes(file, "a table of text"), file);
  const isTransfer = part === "transfer";
  const group = columns.group();
  const own = isTransfer
    ? { ...spec, label: null, text: columns.first()[0]!, ...(group !== undefined && { group }) } // told below
    : spec;
  const { column, groupColumn, texts, classes, groups, lines } = readTable(text, file, own);
  if (part === "train") columns.assertSame(file, [column], groupColumn);
  const { vocabulary: size = 2000, length = 64 } = spec;
  if (encoding !== undefined) assertNoConflict(file, spec, encoding);
  const used = encoding ?? textEncoding(texts, { size, length });
  const classNames = given ?? sortedClasses(classes.filter((name) => name !== undefined));
  return arrayDataset({
    name: spec.name ?? basename(file),
    dtype: "int32",
    shape: [used.length],
    data: encodeTexts(texts, used),
    labels: classIndices(classes, classNames, (at) => `${file}, line ${lines[at]}`),
    classNames,
    groups,
    text: used,
    origin: { samples: file, labels: file },
  });
}

function assertNoConflict(
  where: string,
  spec: Pick<TextSpec, "vocabulary" | "length">,
  { vocabulary, length }: TextEncoding,
): void {
  const conflict = (option: string, own: number, got: number): never => {
    throw new ConfigError("config/conflict", {
      where,
      rule: `text is numbered as the model that is there numbers it, with ${option}: ${own}`,
      got: `${option}: ${got}`,
      fix: `Leave ${option} out, or give it as the model has it`,
    });
  };
  if (spec.length !== undefined && spec.length !== length) conflict("length", length, spec.length);
  if (spec.vocabulary !== undefined && spec.vocabulary < vocabulary.length)
    conflict("vocabulary", vocabulary.length, spec.vocabulary);
}

const emptyGroupFix = "Fill it in; or, to split by sample, leave group out";

function readTable(text: string, where: string, spec: TextSpec): TextTable {
  const texts: string[] = [];
  const classes: (string | undefined)[] = [];
  const groups: string[] = [];
  const lines: number[] = [];
  let columns: Columns | undefined;
  let names: readonly string[] = [];
  readRecords(parse, text, where, spec.delimiter ?? guessDelimiter(text), (record, line) => {
    if (columns === undefined) {
      columns = columnsOf(record, where, spec);
      names = spec.header === false ? record.map((_, at) => String(at)) : record;
      if (spec.header !== false) return;
    }
    texts.push(record[columns.text]!); // every line has as many cells as the first
    const place = `${where}, line ${line}`;
    classes.push(columns.label === null ? undefined : classOf(record[columns.label]!, place, spec));
    if (columns.group !== null) groups.push(groupOf(record[columns.group]!, place, emptyGroupFix));
    lines.push(line);
  });
  const column = names[columns?.text ?? 0] ?? "";
  const groupColumn = names[columns?.group ?? -1] ?? null;
  return {
    column,
    groupColumn,
    texts,
    classes,
    groups: columns?.group == null ? null : groups,
    lines,
  };
}

function columnsOf(first: readonly string[], where: string, spec: TextSpec): Columns {
  const names = spec.header === false ? first.map((_, at) => String(at)) : first;
  const find = (column: string | number): number => columnNumber(where, column, names);
  const label = spec.label === null ? null : find(spec.label ?? names.length - 1);
  const group = spec.group === undefined ? null : find(spec.group);
  if (spec.text !== undefined) return { text: find(spec.text), label, group };
  const others = [...names.keys()].filter((at) => at !== label && at !== group);
  if (others.length !== 1)
    throw new DataError("file/columns", {
      where,
      rule: "with several columns beside class and group, the one with the text must be named",
      got: `columns ${names.join(", ")}`,
      fix: "Add text: COLUMN",
      details: { columns: names },
    });
  return { text: others[0]!, label, group };
}
