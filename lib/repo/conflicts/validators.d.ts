import type { Validator } from '../../core/schema-validator.js';

/** Compiled from `answer-schema.ts` by `bin/validators.mjs`. */
export const validateAnswers: Validator;
