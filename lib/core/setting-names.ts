/** Set in a store that others fetch from and push to. */
export const ORIGIN_REGISTERED = 'origin.registered';

/** Counts the gcs that removed something: whoever takes what it stored for granted can tell that it may be gone. */
export const GC_COUNT = 'gc.count';
