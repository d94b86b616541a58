/**
 * @file Runs a WebAssembly program that asks a system for files (WASI), with all its files in memory.
 *
 * The 13 calls that flite makes are answered here. Node's own node:wasi crashes now and then when it
 * is used some hundred times, and would let the program at files. The clock stands still, so the
 * same run gives the same bytes.
 *
 * @see WASI preview 1, github.com/WebAssembly/WASI
 */

const errno = { success: 0, badDescriptor: 8, isPipe: 70 };
const fileType = { characters: 2, folder: 3, file: 4 };
const rootDescriptor = 3;

/** Ends a program from within a call. */
class Exit extends Error {
  constructor(code) {
    super(`the program ended with ${code}`);
    this.code = code;
  }
}

/** A file in memory that grows as it is written. */
class MemoryFile {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #position = 0;

  write(bytes) {
    const end = this.#position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
  }

  /** @param from 0 start, 1 here, 2 end @returns the new position */
  seek(offset, from) {
    this.#position = offset + [0, this.#position, this.#length][from];
    return this.#position;
  }

  content() {
    return this.#bytes.slice(0, this.#length);
  }
}

/** What a program sees: its arguments, the folder "/", its output. Results go to its own memory. */
class MemorySystem {
  stdout = new MemoryFile();
  stderr = new MemoryFile();
  files = new Map();
  /** the program's; set once it is there */
  memory = undefined;
  #args;
  #open = new Map([
    [1, this.stdout],
    [2, this.stderr],
  ]);

  constructor(args) {
    this.#args = args.map((arg) => new TextEncoder().encode(`${arg}\0`));
  }

  /** The calls by their names in WASI. */
  calls() {
    return {
      args_sizes_get: (count, size) => {
        this.#put32(count, this.#args.length);
        const total = this.#args.reduce((sum, arg) => sum + arg.length, 0);
        return this.#put32(size, total);
      },
      args_get: (pointers, buffer) => this.#putArgs(pointers, buffer),
      clock_time_get: (_clock, _precision, result) => this.#put64(result, 0n),
      fd_close: (descriptor) =>
        this.#open.delete(descriptor) ? errno.success : errno.badDescriptor,
      fd_fdstat_get: (descriptor, result) => this.#describe(descriptor, result),
      fd_fdstat_set_flags: () => errno.success,
      fd_prestat_get: (descriptor, result) => {
        if (descriptor !== rootDescriptor) return errno.badDescriptor;
        this.#put32(result, 0); // a folder
        return this.#put32(result + 4, 1); // length of "/"
      },
      fd_prestat_dir_name: (_descriptor, path) => {
        this.#bytes(path, 1)[0] = 47; // "/"
        return errno.success;
      },
      fd_read: (_descriptor, _vectors, _count, result) => this.#put32(result, 0), // nothing there
      fd_seek: (descriptor, offset, from, result) => {
        if (descriptor < rootDescriptor) return errno.isPipe;
        const file = this.#open.get(descriptor);
        if (file === undefined) return errno.badDescriptor;
        return this.#put64(result, BigInt(file.seek(Number(offset), from)));
      },
      fd_write: (...args) => this.#write(...args),
      path_open: (_folder, _lookup, path, length, _create, _rights, _inherited, _flags, result) => {
        const file = new MemoryFile();
        const descriptor = Math.max(rootDescriptor, ...this.#open.keys()) + 1;
        this.files.set(new TextDecoder().decode(this.#bytes(path, length).slice()), file);
        this.#open.set(descriptor, file);
        return this.#put32(result, descriptor);
      },
      proc_exit: (code) => {
        throw new Exit(code);
      },
    };
  }

  #bytes(from, length) {
    return new Uint8Array(this.memory.buffer, from, length);
  }

  #put32(at, value) {
    new DataView(this.memory.buffer).setUint32(at, value, true);
    return errno.success;
  }

  #put64(at, value) {
    new DataView(this.memory.buffer).setBigUint64(at, value, true);
    return errno.success;
  }

  #putArgs(pointers, buffer) {
    let to = buffer;
    this.#args.forEach((arg, at) => {
      this.#put32(pointers + 4 * at, to);
      this.#bytes(to, arg.length).set(arg);
      to += arg.length;
    });
    return errno.success;
  }

  #describe(descriptor, result) {
    const { characters, folder, file } = fileType;
    const other = descriptor === rootDescriptor ? folder : file;
    this.#bytes(result, 24).fill(0);
    this.#bytes(result, 1)[0] = descriptor < rootDescriptor ? characters : other;
    for (const rights of [8, 16]) this.#put64(result + rights, 2n ** 64n - 1n); // all
    return errno.success;
  }

  #write(descriptor, vectors, count, result) {
    const file = this.#open.get(descriptor);
    if (file === undefined) return errno.badDescriptor;
    let written = 0;
    const table = new Uint32Array(this.#bytes(vectors, 8 * count).slice().buffer);
    for (let at = 0; at < table.length; at += 2) {
      file.write(this.#bytes(table[at], table[at + 1]));
      written += table[at + 1];
    }
    return this.#put32(result, written);
  }
}

/**
 * Runs a program to its end.
 *
 * @param {WebAssembly.Module} program
 * @param {readonly string[]} args the program's name first
 * @returns {{code: number, stdout: string, stderr: string, files: Map<string, Uint8Array>}}
 */
export function runInMemory(program, args) {
  const system = new MemorySystem(args);
  const instance = new WebAssembly.Instance(program, { wasi_snapshot_preview1: system.calls() });
  system.memory = instance.exports.memory;
  let code = 0;
  try {
    instance.exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    code = error.code;
  }
  const show = (file) => new TextDecoder().decode(file.content());
  const files = new Map([...system.files].map(([name, file]) => [name, file.content()]));
  return { code, stdout: show(system.stdout), stderr: show(system.stderr), files };
}
