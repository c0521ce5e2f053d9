/** One thing that a value has against its schema, as ajv reports it. */
export interface SchemaError {
  /** A JSON pointer, RFC 6901. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Tells whether a value fits its schema; afterwards `errors` says what does not. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
