import { chainEnd, type VerifiedErasure, verifyErasures } from '../core/erasure/erasure-chain.js';
import { formatErasure } from '../core/erasure/erasure-record.js';
import { fingerprintOf, signOnce } from '../core/erasure/one-time-signature.js';
import { SyncError } from '../core/errors.js';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import type {
  ErasedTraces,
  ErasureChain,
  ErasureRequest,
  ErasureStore,
  SignedErasure,
  UnfinishedErasure,
} from '../core/ports.js';
import { fromColumn, type OidColumn } from './columns.js';
import type { Connection } from './connection.js';
import { eraseContents, eraseNames, forgetUndo } from './erase-traces.js';

interface RecordRow {
  readonly text: string;
  readonly signature: Buffer;
}

/** What a store knows to be erased, in the tables `erasures`, `erased_objects`, `erased_actors` and `erasure_chains`. */
export class SqliteErasures implements ErasureStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  has(oid: Oid): boolean {
    return this.#db.get('select 1 from erased_objects where oid = ?', oidToBytes(oid)) !== undefined;
  }

  hasActor(id: string): boolean {
    return this.#db.get('select 1 from erased_actors where id = ?', id) !== undefined;
  }

  chains(): ErasureChain[] {
    return this.#db.all(
      `select anchor, (select count(*) from erasures where erasures.anchor = erasure_chains.anchor) as count
       from erasure_chains order by anchor`,
    );
  }

  trust(anchor: string): void {
    this.#db.run('insert into erasure_chains (anchor) values (?) on conflict do nothing', anchor);
  }

  list(anchor: string, after = 0): SignedErasure[] {
    return this.#db.all<RecordRow>(
      'select text, signature from erasures where anchor = ? and number > ? order by number',
      anchor,
      after,
    );
  }

  apply(anchor: string, records: readonly VerifiedErasure[]): ErasedTraces {
    this.#db.execute('pragma secure_delete = on');
    return this.#db.transact(() => {
      this.trust(anchor);
      const actors = new Set<string>();
      const blobs = new Set<Oid>();
      for (const { number, signed, ...record } of records) {
        const sql = 'insert into erasures (anchor, number, text, signature) values (?, ?, ?, ?) on conflict do nothing';
        if (this.#db.run(sql, anchor, number, signed.text, signed.signature) === 0) continue;
        for (const id of record.actors) actors.add(id);
        for (const oid of record.blobs) blobs.add(oid);
      }
      for (const id of actors) this.#db.run('insert into erased_actors (id) values (?) on conflict do nothing', id);
      for (const oid of blobs) {
        this.#db.run('insert into erased_objects (oid) values (?) on conflict do nothing', oidToBytes(oid));
      }
      const { names, texts } = eraseNames(this.#db, actors);
      const { erased, operations, resolutions } = eraseContents(this.#db, blobs);
      if (blobs.size > 0) this.setUnfinished('contents');
      else if (actors.size > 0) this.setUnfinished(this.unfinished() ?? 'file');
      return { names, texts, blobs: erased, operations, resolutions };
    });
  }

  own(): ErasureChain {
    const { anchor } = this.#seed();
    return this.chains().find((chain) => chain.anchor === anchor)!;
  }

  sign({ actors, blobs }: ErasureRequest): ErasedTraces {
    return this.#db.transact(() => {
      const fresh = {
        actors: [...new Set(actors)].filter((id) => !this.hasActor(id)).sort(),
        blobs: [...new Set(blobs)].filter((oid) => !this.has(oid)).sort(),
      };
      const { anchor, seed } = this.#seed();
      if (fresh.actors.length + fresh.blobs.length === 0) return this.apply(anchor, []);
      const number = this.own().count + 1;
      const record = { number, next: fingerprintOf(seed, number + 1), ...fresh };
      const text = formatErasure(record);
      return this.apply(anchor, [{ ...record, signed: { text, signature: signOnce(seed, number, text) } }]);
    });
  }

  preview(request: ErasureRequest): ErasedTraces {
    let traces: ErasedTraces | undefined;
    try {
      this.#db.transact(() => {
        traces = this.sign(request);
        throw TAKEN_BACK;
      });
    } catch (error) {
      if (error !== TAKEN_BACK) throw error;
    }
    return traces!;
  }

  unfinished(): UnfinishedErasure | undefined {
    return this.#db.get<{ value: UnfinishedErasure }>('select value from settings where key = ?', UNFINISHED)?.value;
  }

  setUnfinished(left: UnfinishedErasure | undefined): void {
    this.#db.run('delete from settings where key = ?', UNFINISHED);
    if (left) this.#db.run('insert into settings values (?, ?)', UNFINISHED, left);
  }

  forgetUndo(): void {
    this.#db.transact(() => forgetUndo(this.#db));
  }

  problems(): { readonly subject: string; readonly message: string }[] {
    const problems: { subject: string; message: string }[] = [];
    const blobs = new Set<Oid>();
    const actors = new Set<string>();
    for (const { anchor } of this.chains()) {
      try {
        for (const record of verifyErasures(chainEnd(anchor, undefined), this.list(anchor))) {
          for (const oid of record.blobs) blobs.add(oid);
          for (const id of record.actors) actors.add(id);
        }
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        problems.push({ subject: `erasures ${anchor.slice(0, 12)}`, message: error.message });
      }
    }
    for (const { oid } of this.#db.all<{ oid: OidColumn }>('select oid from erased_objects')) {
      if (blobs.delete(fromColumn(oid))) continue;
      problems.push({ subject: fromColumn(oid), message: 'counts as erased, and no signed record says so' });
    }
    for (const oid of blobs)
      problems.push({ subject: oid, message: 'was erased by a signed record, and does not count as it' });
    for (const { id } of this.#db.all<{ id: string }>('select id from erased_actors')) {
      if (actors.delete(id)) continue;
      problems.push({ subject: id, message: 'counts as erased, and no signed record says so' });
    }
    for (const id of actors)
      problems.push({ subject: id, message: 'was erased by a signed record, and does not count as it' });
    return problems;
  }

  /** Made on first use. Whoever reads it can sign as this store, and this store is all that takes its word. */
  #seed(): { readonly anchor: string; readonly seed: string } {
    return this.#db.transact(() => {
      const sql = 'select anchor, seed from erasure_chains where seed is not null';
      const known = this.#db.get<{ anchor: string; seed: string }>(sql);
      if (known) return known;
      const seed = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll('-', '');
      const made = { anchor: fingerprintOf(seed, 1), seed };
      this.#db.run('insert into erasure_chains (anchor, seed) values (?, ?)', made.anchor, made.seed);
      return made;
    });
  }
}

/** Ends a transaction that was only begun to see what it comes to. */
const TAKEN_BACK = Symbol();

/** Set until the bytes are gone from the files as well. */
const UNFINISHED = 'erasure.unfinished';
