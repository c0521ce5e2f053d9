import { SyncError } from '../../core/errors.js';
import type { CallOptions, FetchPage, PushRequest, Remote } from '../../core/ports.js';
import {
  invalidAnswer,
  isUserId,
  readDone,
  readIdAnswer,
  readInvitations,
  readMemberChange,
  readMembers,
  readProtectedRefs,
  readPushAnswer,
  readRegistration,
  readSequence,
  readState,
} from './answers.js';
import { readAuditPage } from './audit-answer.js';
import { type ConnectionOptions, openCalls } from './calls.js';
import { planChunks } from './chunks.js';
import { readErasureChain, readErasures, readOriginTraces } from './erasure-answers.js';
import { subscribeToProject } from './live.js';
import { decodePack, encodePack } from './pack.js';

/** A project at a Supabase origin. */
export interface SupabaseRemoteOptions extends ConnectionOptions {
  readonly project: string;
}

/** What a request may hold; `lib/origin/sql` refuses more than 4 MiB. */
const REQUEST_BYTES = 4_000_000;
/** The first line of a pack besides its objects, without the list of edits and actors. */
const HEADER_BYTES = 1_000;
/** As many parts as `lib/origin/sql` keeps of one push. */
const MAX_CHUNKS = 256;

/**
 * The origin of a project at Supabase, hosted or embedded. Nothing is sent before the first call.
 *
 * @throws {SyncError} `CONFIG_INVALID` for a URL or key that cannot be one
 */
export function supabaseRemote(options: SupabaseRemoteOptions): Remote {
  const { project } = options;
  const calls = openCalls(options);
  const args = { project_name: project };
  return {
    url: calls.url,
    register: async (call) => readRegistration(await calls.call('register_project', args, call)),
    async describe(call) {
      const answer = await calls.call('describe', args, call);
      return { ...readState(answer), ...readErasureChain(answer) };
    },
    fetch: async (after, call) => readPage(await calls.download('fetch', { ...args, after }, call), after),
    async push(request, call) {
      const bytes = await stage(request, call);
      return readPushAnswer(await calls.upload('push', bytes, call), request.edits);
    },
    async issueId({ id, kind, want }, call) {
      const wanted =
        'claim' in want
          ? { prefix: null, above: 0, claimed: want.claim }
          : { prefix: want.next, above: want.floor, claimed: null };
      return readIdAnswer(await calls.call('issue_id', { ...args, request: id, kind, ...wanted }, call), want);
    },
    subscribe: (tell) => subscribeToProject({ ...options, url: calls.url }, tell),
    erasures: async (after, call) => readErasures(await calls.call('list_erasures', { ...args, after }, call)),
    async purge({ actors, blobs }, { dryRun = false, ...call } = {}) {
      return readOriginTraces(await calls.call('purge', { ...args, actors, blobs, dry_run: dryRun }, call));
    },
    members: async (call) => readMembers(await calls.call('list_members', args, call)),
    async setMember(who, role, { only, ...call } = {}) {
      const change = { ...args, new_role: role, only_if: only ?? null };
      if (who.includes('@')) {
        return readMemberChange(await calls.call('set_member_by_email', { ...change, address: who }, call));
      }
      if (!isUserId(who))
        throw new SyncError('USAGE', `'${who}' is neither the id of a user (a UUID) nor an e-mail address`);
      readDone(await calls.call('set_member', { ...change, member: who }, call));
      return { status: 'member', userId: who, role };
    },
    invitations: async (call) => readInvitations(await calls.call('list_invitations', args, call)),
    protectedRefs: async (call) => readProtectedRefs(await calls.call('list_protected_refs', args, call)),
    async protectRef(pattern, isProtected, call) {
      readDone(await calls.call('protect_ref', { ...args, pattern, is_protected: isProtected }, call));
    },
    audit: async (query, call) => {
      const answer = await calls.call('read_audit', { ...args, ...query }, call);
      return readAuditPage(answer, query);
    },
    async close() {},
  };

  /** Sends all of a push but its last part, and answers that one. */
  async function stage({ id, edits, actors, objects }: PushRequest, call?: CallOptions): Promise<Uint8Array> {
    const ending = { project, push: id, edits, actors };
    const room = REQUEST_BYTES - HEADER_BYTES - Buffer.byteLength(JSON.stringify(ending));
    const chunks = planChunks(objects, room);
    if (chunks.length > MAX_CHUNKS) {
      throw new SyncError('OBJECT_TOO_LARGE', 'a push of more than 1 GB is not possible in one go');
    }
    for (const [chunk, part] of chunks.slice(0, -1).entries()) {
      readDone(await calls.upload('push_chunk', encodePack({ project, push: id, chunk }, part), call));
    }
    return encodePack({ ...ending, chunks: chunks.length - 1 }, chunks.at(-1)!);
  }
}

function readPage(bytes: Uint8Array, after: number): FetchPage {
  const { header, objects } = decodePack(bytes);
  const sequence = readSequence(header.sequence);
  if (typeof header.more !== 'boolean' || sequence < after) throw invalidAnswer('a page out of order');
  if (objects.length > sequence - after) throw invalidAnswer('a page with more objects than numbers');
  // Either could go on for ever.
  if (header.more && (sequence === after || objects.length === 0)) throw invalidAnswer('a page that does not advance');
  return { objects, sequence, more: header.more };
}
