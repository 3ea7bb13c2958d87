export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** The same as it may be given: nothing in it is changed, and members may be missing. */
export type JsonInput =
  string | number | boolean | null | readonly JsonInput[] | { readonly [key: string]: JsonInput | undefined };
