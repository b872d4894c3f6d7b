import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { webAssembly } from './web-assembly.ts';
import type { WasmModule } from './web-assembly.ts';

/** OpenCV, compiled. Can be posted to worker threads, which then share the machine code. */
export type CompiledOpenCv = {
  /** The JavaScript around the WebAssembly: the body of a function of `module`, `exports`, `require` and `options`. */
  glue: string;
  module: WasmModule;
};

let latest: WeakRef<CompiledOpenCv> | undefined;
let compiling: Promise<CompiledOpenCv> | undefined;

/**
 * Compiles OpenCV once for all threads of the process. A thread that loads the package itself needs 74 MiB; one that
 * gets the compiled module needs 34. The memory is freed when no thread uses it any longer.
 */
export async function compileOpenCv(): Promise<CompiledOpenCv> {
  const compiled = latest?.deref();
  if (compiled !== undefined) return compiled;
  compiling ??= compile().finally(() => {
    compiling = undefined;
  });
  return compiling;
}

async function compile(): Promise<CompiledOpenCv> {
  const file = createRequire(import.meta.url).resolve('@techstark/opencv-js');
  const { glue, bytes } = separate(await readFile(file));
  const compiled = { glue, module: await webAssembly.compile(bytes) };
  latest = new WeakRef(compiled);
  return compiled;
}

const dataUri = 'var wasmBinaryFile="data:application/octet-stream;base64,';
const options = /var Module = \{\};(\s*)return cv\(Module\);/;

/** The package is one file of 11 MB, with the WebAssembly as a data URI. Its factory takes no options from outside. */
function separate(file: Buffer): { glue: string; bytes: Buffer } {
  const begin = file.indexOf(dataUri) + dataUri.length;
  const end = file.indexOf('"', begin);
  const before = file.toString('latin1', 0, begin);
  const after = file.toString('latin1', end);
  if (begin < dataUri.length || !options.test(after)) {
    throw new Error('@techstark/opencv-js has another form than version 4.12.0-release.1');
  }
  return {
    glue: before + after.replace(options, 'var Module = options;$1return cv(Module);'),
    bytes: Buffer.from(file.toString('latin1', begin, end), 'base64'),
  };
}
