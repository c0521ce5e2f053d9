/** What doctor looks at. */
export type CheckName =
  | 'config'
  | 'identity'
  | 'store'
  | 'leftovers'
  | 'object'
  | 'ref'
  | 'tracking'
  | 'operation'
  | 'audit'
  | 'index'
  | 'stats'
  | 'merge'
  | 'base'
  | 'disk'
  | 'origin';

/** What doctor can do without losing anything. */
export type RepairName =
  | 'remove-leftovers'
  | 'stop-origin'
  | 'get-objects'
  | 'drop-tracking'
  | 'fetch'
  | 'rebuild-index'
  | 'forget-stats'
  | 'show-merge'
  | 'follow-undo'
  | 'follow-head';

/** Something that is not as it should be. */
export interface Finding {
  readonly check: CheckName;
  /** An oid, a ref, a path, or the file that it is about. */
  readonly subject: string;
  /** What is wrong, and what it means. */
  readonly message: string;
  /** Null where nothing can be repaired without a person. */
  readonly repair: RepairName | null;
  /** What a person can do. */
  readonly hint: string;
}

/** Each makes sense of what the ones before it have left: objects before refs, refs before what is derived, the disk last. */
const ORDER: readonly RepairName[] = [
  'remove-leftovers',
  'stop-origin',
  'get-objects',
  'drop-tracking',
  'fetch',
  'rebuild-index',
  'forget-stats',
  'show-merge',
  'follow-undo',
  'follow-head',
];

/** Those that write nothing into the store. */
const OUTSIDE: readonly RepairName[] = ['remove-leftovers', 'stop-origin'];

/** Decides what is repaired, and in which order. Nothing is written into a database whose structure is damaged. */
export function planRepairs(findings: readonly Finding[]): RepairName[] {
  const wanted = new Set(findings.flatMap(({ repair }) => repair ?? []));
  // What a repaired tracking ref lacks comes by a fetch.
  if (wanted.has('drop-tracking')) wanted.add('fetch');
  // Whoever got objects again may have an index at last that can be made.
  if (wanted.has('get-objects')) wanted.add('rebuild-index');
  const isDamaged = findings.some(({ check }) => check === 'store');
  return ORDER.filter((repair) => wanted.has(repair) && (!isDamaged || OUTSIDE.includes(repair)));
}
