/** Real git repositories, as a target of exports. */
import type { Oid } from '../object/oid.js';
import type { ObjectReader } from './objects.js';
import type { RefName } from './refs.js';
import type { Actor } from './store.js';

/** What goes into a real git repository, and where. */
export interface GitExport {
  /** Absolute; made unless it exists. */
  readonly directory: string;
  readonly objects: ObjectReader;
  /** Every object that the refs reach. */
  readonly oids: Iterable<Oid>;
  readonly refs: ReadonlyMap<RefName, Oid>;
  /** The branch that `HEAD` names; its files are checked out. */
  readonly head: RefName;
  readonly actors: Iterable<Actor>;
}

/** What an export did. */
export interface GitExportReport {
  /** False when an earlier export was brought up to date. */
  readonly created: boolean;
  /** Objects that were not there before. */
  readonly objects: number;
  /** Refs that moved. */
  readonly refs: readonly RefName[];
}
