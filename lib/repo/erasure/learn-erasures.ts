import { chainEnd, type VerifiedErasure, verifyErasures } from '../../core/erasure/erasure-chain.js';
import { parseErasure } from '../../core/erasure/erasure-record.js';
import { SyncError } from '../../core/errors.js';
import type { CallOptions, Remote, RemoteState, Store } from '../../core/ports.js';
import { ORIGIN_ERASURES } from '../../core/setting-names.js';
import type { Repository } from '../repository.js';
import { type Erased, eraseHere } from './erase-here.js';

/** They are held in memory, all together. */
const MOST_CHARACTERS = 100_000_000;

/** Records that the origin signed and this store has not heard of. */
export interface NewErasures {
  /** Undefined where the origin does not erase. */
  readonly anchor: string | undefined;
  readonly records: readonly VerifiedErasure[];
}

/**
 * Gets what the origin has erased since it was last asked, checks that it is the origin's word, and keeps nothing.
 *
 * The origin is known by the key of its first record, as it was when this store first saw it. Another key is of no interest as long
 * as nothing is signed with it: the origin may have been made anew.
 *
 * @throws {SyncError} `ERASURE_INVALID`, and the codes of {@link Remote}
 */
export async function newErasures(
  { erasures, settings }: Store,
  remote: Remote,
  state: RemoteState,
  options: CallOptions,
): Promise<NewErasures> {
  if (!state.erasures) return { anchor: undefined, records: [] };
  const { anchor, count } = state.erasures;
  const pinned = settings.get(ORIGIN_ERASURES) ?? anchor;
  const known = erasures.chains().find((chain) => chain.anchor === pinned)?.count ?? 0;
  if (count > 0 && anchor !== pinned) throw otherKey(remote, anchor);
  const last = known > 0 ? parseErasure(erasures.list(pinned, known - 1)[0]!.text) : undefined;
  const records: VerifiedErasure[] = [];
  let length = 0;
  while (known + records.length < count) {
    const end = chainEnd(pinned, records.at(-1) ?? last);
    const signed = await remote.erasures(known + records.length, options);
    if (signed.length === 0) {
      throw new SyncError(
        'ORIGIN_ANSWER_INVALID',
        `the origin at ${remote.url} has erased something, and does not say what`,
      );
    }
    for (const { text } of signed) length += text.length;
    if (length > MOST_CHARACTERS) {
      throw new SyncError(
        'ORIGIN_ANSWER_INVALID',
        `the origin at ${remote.url} has more records of erasures than there can be`,
      );
    }
    records.push(...verifyErasures(end, signed));
  }
  return { anchor: pinned, records };
}

/**
 * Erases here what the origin has erased since it was last asked.
 *
 * @returns undefined where that is nothing
 * @throws {SyncError} as `newErasures`
 */
export async function learnErasures(
  repo: Repository,
  remote: Remote,
  state: RemoteState,
  options: CallOptions,
): Promise<Erased | undefined> {
  const { store } = repo;
  const { anchor, records } = await newErasures(store, remote, state, options);
  if (anchor === undefined) return undefined;
  if (store.settings.get(ORIGIN_ERASURES) === undefined) {
    store.transact(() => {
      store.settings.set(ORIGIN_ERASURES, anchor);
      store.erasures.trust(anchor);
    });
  }
  return records.length === 0 ? undefined : eraseHere(repo, () => store.erasures.apply(anchor, records));
}

/**
 * Takes the word of an origin that was made anew, whose key a person has compared with what its operator says.
 *
 * @param anchor the fingerprint, as the refusal names it
 */
export function trustOrigin({ store }: Repository, anchor: string): void {
  if (!/^[0-9a-f]{64}$/.test(anchor)) throw new SyncError('USAGE', 'a fingerprint has 64 hexadecimal digits');
  store.transact(() => {
    store.settings.set(ORIGIN_ERASURES, anchor);
    store.erasures.trust(anchor);
  });
}

function otherKey({ url }: Remote, anchor: string): SyncError {
  return new SyncError(
    'ERASURE_INVALID',
    `the origin at ${url} signs what it erases with another key than when this store first saw it: ${anchor}`,
    {
      hint: "Nothing was erased. If the origin was made anew, compare the fingerprint with its operator's; 'agent sync purge --trust' takes it.",
    },
  );
}
