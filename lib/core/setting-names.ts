/** The origin's sequence number up to which this store has what it has. */
export const ORIGIN_SEQUENCE = 'remote.origin.sequence';

/** The last head of the origin's audit that was found whole, and of which origin, as JSON. */
export const ORIGIN_AUDIT = 'remote.origin.audit';

/** Set in a store that others fetch from and push to. */
export const ORIGIN_REGISTERED = 'origin.registered';

/** The fingerprint of the first key that the origin signs erasures with, as it was when it was first seen. */
export const ORIGIN_ERASURES = 'remote.origin.erasures';

/** What such a store protects, as a JSON array of patterns; only `main` when it is not set. */
export const ORIGIN_PROTECTED = 'origin.protected';

/** The random id of this store, by which audits say where something was done. */
export const STORE_ID = 'store.id';

/** Counts the gcs that removed something: whoever takes what it stored for granted can tell that it may be gone. */
export const GC_COUNT = 'gc.count';
