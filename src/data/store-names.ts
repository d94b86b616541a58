/** @file Rules that every store keeps: what a name is, and what a missing file says. */

import { DataError } from "../errors/index.ts";

/**
 * Names are relative paths with "/", no empty, "." or ".." parts, no "\"; and none ends in
 * ".partial", which marks files being written.
 *
 * @returns the name
 * @throws DataError "file/name"
 */
export function assertStoreName(location: string, name: string): string {
  const parts = name.split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === "..");
  if (bad || /[\\\0]/.test(name) || name.endsWith(".partial"))
    throw new DataError("file/name", {
      where: location,
      rule: 'names in a store are relative paths with "/", without "..", not ending in ".partial"',
      got: JSON.stringify(name),
      fix: "Use a name such as shards/00000.safetensors",
      details: { location, name },
    });
  return name;
}

/** The error for changing a file that is not there. */
export function missingFile(location: string, name: string): DataError {
  return new DataError("file/missing", {
    where: `${location}/${name}`,
    rule: "the file must exist",
    got: "no such file",
    fix: "Write it first",
    details: { file: `${location}/${name}` },
  });
}
