/** @file Digits as pictures of text: two pixels a character, side by side. */

export interface Picture {
  /** uint8, row-major, ink is high */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly caption: string;
}

const threshold = 96;
const gap = "  ";

/** @returns the lines of one row of pictures, with their captions below */
export function pictureRow(pictures: readonly Picture[]): readonly string[] {
  const all = pictures.map((picture) => [
    ...halfBlocks(picture),
    picture.caption.padEnd(picture.width),
  ]);
  const lines = Math.max(0, ...all.map(({ length }) => length));
  return Array.from({ length: lines }, (_, at) =>
    all
      .map((picture) => picture[at] ?? "")
      .join(gap)
      .trimEnd(),
  );
}

function halfBlocks({ pixels, width }: Picture): readonly string[] {
  const height = pixels.length / width;
  const ink = (x: number, y: number): boolean => (pixels[y * width + x] ?? 0) >= threshold;
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) =>
    Array.from({ length: width }, (_, x) => {
      const [top, bottom] = [ink(x, 2 * line), 2 * line + 1 < height && ink(x, 2 * line + 1)];
      if (top) return bottom ? "█" : "▀";
      return bottom ? "▄" : " ";
    }).join(""),
  );
}
