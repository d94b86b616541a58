/**
 * @file Where run folders and soft-label packages are kept: a handful of named byte strings.
 * Folder, memory, later object storage.
 */

/**
 * Names are relative paths with "/" ("shards/00000.safetensors"). All methods reject with DataError
 * "file/..." on failure.
 */
export interface Store {
  /** shown in messages: the folder's path */
  readonly location: string;
  /**
   * @param into memory that nothing else uses: the answer, if it has just the file's size
   * @returns the whole file, for the caller to keep and change, or undefined if there is none
   */
  readonly read: (name: string, into?: Uint8Array) => Promise<Uint8Array | undefined>;
  /**
   * Replaces the file in one step: a reader, or a crash at any moment, sees the old bytes or the
   * new ones, never a part.
   */
  readonly write: (name: string, bytes: Uint8Array) => Promise<void>;
  /**
   * Adds to the end of the file, creating it if needed. Not atomic: a crash can leave a part of
   * `bytes`.
   */
  readonly append: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Cuts the file to its first `length` bytes. */
  readonly truncate: (name: string, length: number) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** @returns all names that start with `prefix`, sorted */
  readonly list: (prefix?: string) => Promise<readonly string[]>;
}
