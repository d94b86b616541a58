/** @file Numbers, arrays and comments as C text. */

const width = 96;

/** @returns `static const TYPE NAME[] = {…};` */
export function constantArray(
  type: "int8_t" | "int32_t" | "uint16_t",
  name: string,
  values: ArrayLike<number>,
  extra = 0,
): string {
  const all = [...Array.from(values, integer), ...Array.from({ length: extra }, () => "0")];
  return `static const ${type} ${name}[${all.length}] = {\n${wrapped(all)}\n};\n`;
}

/** @returns an integer as a C constant; the smallest int32 has no literal of its own */
export function integer(value: number): string {
  return value === -(2 ** 31) ? "(-2147483647 - 1)" : String(value);
}

/** @returns a float constant that reads back as the same float32 */
export function float(value: number): string {
  const text = Number(value.toPrecision(9)).toString();
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** @returns a name on one line, in which no comment begins or ends */
export function commentText(name: string): string {
  return name.replaceAll(/\s+/g, " ").replaceAll(/\*(?=\/)|\/(?=\*)/g, "$& ");
}

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  let line = " ";
  for (const word of words) {
    if (line.length + word.length + 2 > width) {
      lines.push(line);
      line = " ";
    }
    line += ` ${word},`;
  }
  return [...lines, line].join("\n");
}
