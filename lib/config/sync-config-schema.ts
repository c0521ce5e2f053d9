const environmentVariable = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;

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
      },
    },
  },
} as const;
