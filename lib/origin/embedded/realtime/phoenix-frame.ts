/** The frames of Phoenix channels, in both versions that clients of Realtime speak. */

/** One message in either direction. */
export interface Frame {
  /** The `ref` of the join that the message belongs to; null for none. */
  readonly joinRef: string | null;
  /** What a reply refers to; null for what was not asked for. */
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
}

/** `vsn` in the address of the socket: objects, or arrays of five. */
export type FrameVersion = '1.0.0' | '2.0.0';

/** Tells whether `text` is a version that is spoken here. */
export function isFrameVersion(text: string | null): text is FrameVersion {
  return text === '1.0.0' || text === '2.0.0';
}

/**
 * Reads a text frame.
 *
 * @returns undefined for what is none
 */
export function decodeFrame(text: string, version: FrameVersion): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = version === '2.0.0' ? value : fieldsOf(value);
  if (!Array.isArray(fields)) return undefined;
  const [joinRef = null, ref = null, topic, event, payload] = fields;
  if (!isRef(joinRef) || !isRef(ref) || typeof topic !== 'string' || typeof event !== 'string') return undefined;
  return { joinRef, ref, topic, event, payload };
}

/** Writes a text frame. */
export function encodeFrame({ joinRef, ref, topic, event, payload }: Frame, version: FrameVersion): string {
  return JSON.stringify(
    version === '2.0.0' ? [joinRef, ref, topic, event, payload] : { join_ref: joinRef, ref, topic, event, payload },
  );
}

function fieldsOf(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { join_ref, ref, topic, event, payload } = value as Record<string, unknown>;
  return [join_ref, ref, topic, event, payload];
}

function isRef(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
