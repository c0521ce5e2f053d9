const hunkSchema = {
  type: 'object',
  required: ['index'],
  additionalProperties: false,
  minProperties: 2,
  maxProperties: 2,
  properties: {
    index: { type: 'integer', minimum: 1 },
    take: { enum: ['ours', 'theirs', 'union', 'base'] },
    text: { type: 'string' },
  },
} as const;

/** The JSON schema of `resolve --input`, one answer or a list made a list; `bin/validators.mjs` compiles it when the package is built. */
export const answersSchema = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['token'],
    additionalProperties: false,
    minProperties: 2,
    maxProperties: 2,
    properties: {
      token: { type: 'string', pattern: '^[0-9a-f]{40}$' },
      content: { type: 'string' },
      hunks: { type: 'array', minItems: 1, items: hunkSchema },
    },
  },
} as const;
