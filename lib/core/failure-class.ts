import { type ErrorCode, SyncError } from './errors.js';

/**
 * What becomes of a failed command when it is run again: it may get through `later` as it is, a `person` has to do something
 * first, or it can `never` succeed.
 */
export type FailureClass = 'later' | 'person' | 'never';

/** All others need a person: nothing else can change what comes of them. */
const CLASSES: Readonly<Partial<Record<ErrorCode, FailureClass>>> = {
  ORIGIN_UNREACHABLE: 'later',
  ORIGIN_BUSY: 'later',
  ORIGIN_FAILED: 'later',
  // Half an answer, or the page of a hotel's network.
  ORIGIN_ANSWER_INVALID: 'later',
  // Damaged on the way; what is damaged at its source stays refused, and is asked for ever more rarely.
  OBJECT_HASH_MISMATCH: 'later',
  STORE_BUSY: 'later',
  CREDENTIALS_BUSY: 'later',
  REF_CHANGED: 'later',
  ABORTED: 'later',

  USAGE: 'never',
  REQUEST_INVALID: 'never',
  OBJECT_MALFORMED: 'never',
  OBJECT_TOO_LARGE: 'never',
  OBJECT_ERASED: 'never',
  OID_INVALID: 'never',
  PATH_UNSAFE: 'never',
  REF_NAME_INVALID: 'never',
  INPUT_INVALID: 'never',
};

/** Tells what running the same command again would come to. */
export function failureClass(error: unknown): FailureClass {
  return (error instanceof SyncError && CLASSES[error.code]) || 'person';
}

/** Tells whether an origin could not be reached, or had no time, so that what was asked of it may as well wait in the queue. */
export function isOffline(error: unknown): error is SyncError {
  return error instanceof SyncError && error.code.startsWith('ORIGIN_') && failureClass(error) === 'later';
}
