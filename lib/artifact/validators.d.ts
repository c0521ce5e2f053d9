import type { Validator } from '../core/schema-validator.js';

/** Compiled from `schema.ts` by `bin/validators.mjs`. */
export const validatePlan: Validator;
export const validateStory: Validator;
export const validateRunbook: Validator;
