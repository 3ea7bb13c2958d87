/**
 * The proto3 JSON form of a generated message: 64-bit integers and timestamps are strings. Derived, so that no
 * shape is written twice; types only, so that no generated code is loaded for it.
 */
export type Json<T> = T extends bigint
  ? string
  : T extends { seconds: bigint; nanos: number }
    ? string
    : T extends (infer U)[]
      ? Json<U>[]
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T;
