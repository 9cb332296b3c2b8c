/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const report: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
export const __wbindgen_malloc: (a: number, b: number) => number;
export const __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
export const __wbindgen_free: (a: number, b: number, c: number) => void;
export const __wbindgen_exn_store: (a: number) => void;
