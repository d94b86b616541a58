/** @file A folder of images per class, decoded and resized by sharp (an optional dependency). */

import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { DataError } from "../../errors/index.ts";
import type { ImagesSpec } from "./data-spec.ts";
import { filesBelow } from "./files-below-node.ts";
import type { RawSamples } from "./raw-array.ts";
import { readError } from "./read-file-node.ts";
import { type Entry, visibleEntries } from "./visible-entries-node.ts";

type Sharp = typeof import("sharp")["default"];
type ImageOptions = Pick<ImagesSpec, "size" | "channels" | "fit">;

const extensions = new Set([".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"]);
/** decoded at the same time */
const concurrency = 4;

/** Decoded images, classes still as names. */
interface ImageSamples extends RawSamples {
  /** class (folder) name of each image */
  readonly classes: readonly string[];
  /** path of each image */
  readonly files: readonly string[];
}

/**
 * Reads all images, class folders and files in code-point order. Camera rotation (EXIF) is applied,
 * transparent pixels lie on black, colours become sRGB or grey. Hidden files are passed over,
 * symbolic links followed.
 *
 * @returns uint8 samples of shape [channels, height, width]
 * @throws DataError "file/missing" or "file/unreadable" for the folder, or for a link that leads
 *   nowhere; "data/empty" without class folders or images; "file/unsupported" for a file that is
 *   no image; "file/image" naming an image that cannot be decoded; "file/no-decoder" if sharp is
 *   not installed
 */
export async function readImages(folder: string, options: ImageOptions): Promise<ImageSamples> {
  const found = await findImages(folder);
  const samples = await decodeImages(
    {
      count: found.length,
      bytesOf: (at) => readImage(found[at]!.file),
      nameOf: (at) => found[at]!.file,
      where: folder,
    },
    options,
  );
  return {
    ...samples,
    classes: found.map((image) => image.class),
    files: found.map((image) => image.file),
  };
}

/**
 * Reads images that are in no order of classes: those of a folder and of all below it, in
 * code-point order of their paths.
 *
 * @throws as readImages
 */
export async function readUnsortedImages(
  folder: string,
  options: ImageOptions,
): Promise<RawSamples> {
  const names = await filesBelow(folder, "a folder of images");
  const images = names.filter((name) => basename(name) !== "Thumbs.db");
  const other = images.find((name) => !isImage({ name, kind: "file" }));
  if (other !== undefined) throw notAnImage(join(folder, other), "the folder");
  if (images.length === 0) throw noImages(folder, "be an image", "none");
  return decodeImages(
    {
      count: images.length,
      bytesOf: (at) => readImage(join(folder, images[at]!)),
      nameOf: (at) => join(folder, images[at]!),
      where: folder,
    },
    options,
  );
}

/** Encoded images by number. */
interface EncodedImages {
  readonly count: number;
  readonly bytesOf: (at: number) => Promise<Uint8Array>;
  /** of one image, for messages */
  readonly nameOf: (at: number) => string;
  /** of all of them, for messages */
  readonly where: string;
}

/**
 * Decodes and resizes images, several at a time.
 *
 * @returns uint8 samples of shape [channels, height, width]
 * @throws DataError "file/image" naming an image that cannot be decoded; "file/no-decoder"
 */
export async function decodeImages(
  images: EncodedImages,
  options: ImageOptions,
): Promise<RawSamples> {
  const sharp = await loadSharp(images.where);
  const [height, width] = options.size;
  const size = options.channels * height * width;
  const data = new Uint8Array(images.count * size);
  let next = 0;
  const decodeOne = async (at: number): Promise<void> => {
    const pixels = await decode(sharp, await images.bytesOf(at), images.nameOf(at), options);
    copyChannelsFirst(pixels, options.channels, data.subarray(at * size, (at + 1) * size));
  };
  const decodeRest = async (): Promise<void> => {
    while (next < images.count)
      await decodeOne(next++).catch((error: unknown) => {
        next = images.count; // the other decoders stop too
        throw error;
      });
  };
  await Promise.all(Array.from({ length: concurrency }, decodeRest));
  return { dtype: "uint8", shape: [options.channels, height, width], data };
}

async function readImage(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw readError(file, "an image", error);
  });
}

async function findImages(folder: string): Promise<{ class: string; file: string }[]> {
  const entries = await visible(folder);
  const loose = entries.find(isImage);
  if (loose !== undefined)
    throw new DataError("file/unsupported", {
      where: folder,
      rule: "images must lie in one folder per class",
      got: `${loose.name} directly in the folder`,
      fix: `Move it into a folder named after its class`,
      details: { file: join(folder, loose.name) },
    });
  const classes = entries.filter(({ kind }) => kind === "folder").map(({ name }) => name);
  const found: { class: string; file: string }[] = [];
  for (const name of classes.sort()) {
    const images = await visible(join(folder, name));
    const other = images.find((entry) => !isImage(entry));
    if (other !== undefined) throw notAnImage(join(folder, name, other.name), "class folders");
    const files = images.map((image) => image.name).sort();
    if (files.length === 0)
      throw noImages(join(folder, name), oneFolderEach, "an empty class folder");
    for (const file of files) found.push({ class: name, file: join(folder, name, file) });
  }
  if (found.length === 0) throw noImages(folder, oneFolderEach, "no class folder");
  return found;
}

async function visible(folder: string): Promise<readonly Entry[]> {
  const entries = await visibleEntries(folder, "a folder with one folder of images per class");
  return entries.filter(({ name }) => name !== "Thumbs.db");
}

function isImage({ name, kind }: Entry): boolean {
  return kind === "file" && extensions.has(extname(name).toLowerCase());
}

/** @returns the version of the decoder. @throws DataError "file/no-decoder" if there is none */
export async function imageDecoderVersion(): Promise<string> {
  const sharp = await loadSharp("images");
  return sharp.versions.sharp ?? "of unknown version";
}

async function loadSharp(folder: string): Promise<Sharp> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new DataError("file/no-decoder", {
      where: folder,
      rule: "reading images needs the optional package sharp",
      got: "an installation without it",
      fix: "Run: npm install sharp",
      details: { file: folder },
      cause: error,
    });
  }
}

/** Types of pixels that say themselves what is white. */
const integers: ReadonlySet<string> = new Set(["uchar", "ushort"]);

/** @returns uint8 [height, width, channels] */
async function decode(
  sharp: Sharp,
  bytes: Uint8Array,
  file: string,
  { size: [height, width], channels, fit = "fill" }: ImageOptions,
): Promise<Uint8Array> {
  try {
    const image = sharp(bytes, { failOn: "warning" });
    const { depth = "uchar" } = await image.metadata();
    if (!integers.has(depth)) throw new TypeError(`pixels of type ${depth}, which have no white`);
    return await image
      .rotate()
      .flatten({ background: "#000" })
      .resize(width, height, { fit, background: "#000" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw()
      .toBuffer();
  } catch (error) {
    throw new DataError("file/image", {
      where: file,
      rule: "the image must be readable",
      got: error instanceof Error ? error.message : String(error),
      fix: "Repair or remove the file",
      details: { file },
      cause: error,
    });
  }
}

function copyChannelsFirst(pixels: Uint8Array, channels: number, into: Uint8Array): void {
  const area = into.length / channels;
  for (let channel = 0; channel < channels; channel++)
    for (let at = 0; at < area; at++) into[channel * area + at] = pixels[at * channels + channel]!;
}

const oneFolderEach = "be one folder of images per class";

function notAnImage(file: string, place: string): DataError {
  return new DataError("file/unsupported", {
    where: file,
    rule: `${place} may hold only images (${[...extensions].join(" ")})`,
    got: "another file",
    fix: "Move it away",
    details: { file },
  });
}

function noImages(folder: string, wanted: string, got: string): DataError {
  const more = wanted === oneFolderEach ? "; remove classes without images" : "";
  return new DataError("data/empty", {
    where: folder,
    rule: `there must ${wanted}`,
    got,
    fix: `Check that the right folder was given${more}`,
    details: { file: folder },
  });
}
