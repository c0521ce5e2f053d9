const environmentVariable = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;

/** As artifacts write states: up to four words, such as `REVIEW_NEEDED` or `In Progress`. */
const STATE = '^[A-Za-z]+([_ -][A-Za-z]+){0,3}$';

const kind = {
  type: 'object',
  additionalProperties: false,
  properties: {
    merge: { enum: ['text', 'artifact'] },
    states: {
      type: 'object',
      additionalProperties: false,
      patternProperties: {
        [STATE]: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: STATE } },
      },
    },
  },
} as const;

/** The JSON schema of `.agent/etc/sync.yaml`; `bin/validators.mjs` compiles it when the package is built. */
export const syncConfigSchema = {
  type: 'object',
  required: ['version'],
  additionalProperties: false,
  properties: {
    version: { const: 1 },
    origin: {
      type: 'object',
      required: ['url', 'project'],
      additionalProperties: false,
      properties: {
        url: {
          type: 'string',
          pattern: '^(https://[^\\s/@]+(/\\S*)?|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?(/\\S*)?|file:.+)$',
        },
        project: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$' },
        schema: { type: 'string', pattern: '^[a-z_][a-z0-9_]{0,62}$' },
        key_env: environmentVariable,
        token_env: environmentVariable,
        timeout: { type: 'number', minimum: 1, maximum: 3600 },
      },
    },
    merge: {
      type: 'object',
      additionalProperties: false,
      properties: { rerere: { type: 'boolean' }, style: { enum: ['merge', 'diff3', 'zdiff3'] } },
    },
    kinds: {
      type: 'object',
      additionalProperties: false,
      properties: { plan: kind, story: kind, runbook: kind },
    },
    sync: {
      type: 'object',
      additionalProperties: false,
      properties: { conflict: { enum: ['manual', 'ours', 'theirs'] }, offline: { enum: ['fail', 'queue'] } },
    },
  },
} as const;
