import { type DetectorName, PRIVACY_ACTIONS } from '../core/privacy-settings.js';

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

const action = { enum: PRIVACY_ACTIONS } as const;

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
    privacy: {
      type: 'object',
      additionalProperties: false,
      properties: {
        detectors: {
          type: 'object',
          additionalProperties: false,
          properties: {
            email: action,
            phone: action,
            card: action,
            iban: action,
            'national-id': action,
            ip: action,
            home: action,
            secret: action,
          } satisfies Record<DetectorName, typeof action>,
        },
        country: { type: 'string', pattern: '^[A-Z]{2}$' },
        allow: {
          type: 'object',
          additionalProperties: false,
          properties: {
            values: { type: 'array', items: { type: 'string', minLength: 1 } },
            domains: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$' } },
            paths: { type: 'array', items: { type: 'string', pattern: '^(plans|stories|runbooks)/' } },
          },
        },
      },
    },
    sync: {
      type: 'object',
      additionalProperties: false,
      properties: { conflict: { enum: ['manual', 'ours', 'theirs'] }, offline: { enum: ['fail', 'queue'] } },
    },
  },
} as const;
