declare const moduleBrand: unique symbol;
export type WasmModule = { readonly [moduleBrand]: true };

/** The part of the WebAssembly API that is used here: TypeScript declares it for browsers only. */
export const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<WasmModule>;
    instantiate(module: WasmModule, imports: object): Promise<object>;
  };
};
