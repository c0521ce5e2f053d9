import type { Validator } from '../core/schema-validator.js';

/** Compiled from `sync-config-schema.ts` by `bin/validators.mjs`. */
export const validateSyncConfig: Validator;
