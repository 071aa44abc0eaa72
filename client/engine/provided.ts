/** The answer of each way to a program: it is there now, or why this way doesn't lead to it. */
export type Provided =
  | {
      readonly kind: "provided";
      /** For people: "unpacked from the Debian package runc", … */
      readonly origin: string;
    }
  | { readonly kind: "missing"; readonly reason: string };
