import { isRecord } from '../../core/is-record.js';
import { isActorId } from '../../core/object/commit.js';
import type { AuditEntry, AuditedPerson, AuditHead, AuditPage, AuditQuery } from '../../core/ports.js';
import { invalidAnswer, readSequence } from './answers.js';

const HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What a terminal, or the text that is hashed, could be led astray by. */
const LINE = /^[ -~]*$/;
const TIME = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;
/** An entry has 100 refs at most. */
const DETAIL = 100_000;

/**
 * Reads a page of the origin's audit. Whether its entries follow from each other is another question.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function readAuditPage(value: unknown, { after }: AuditQuery): AuditPage {
  if (!isRecord(value) || !Array.isArray(value.entries) || !Array.isArray(value.people)) {
    throw invalidAnswer('no page of its audit');
  }
  const entries = value.entries.map(readEntry);
  for (const [i, { number }] of entries.entries()) {
    // It could go on for ever.
    if (number <= (entries[i - 1]?.number ?? after)) throw invalidAnswer('an audit out of order');
  }
  return { entries, head: value.head === null ? null : readHead(value.head), people: value.people.map(readPerson) };
}

function readEntry(value: unknown): AuditEntry {
  if (!isRecord(value)) throw invalidAnswer('an entry of its audit that is none');
  const { at, actor, action, result, detail, client, traceparent, previous } = value;
  if (
    !isText(at, TIME) ||
    !isText(actor, UUID) ||
    !isText(action, LINE) ||
    !isText(result, LINE) ||
    !isText(previous, HASH) ||
    !(client === null || isText(client, LINE)) ||
    !(traceparent === null || isText(traceparent, LINE)) ||
    !isDetail(detail)
  ) {
    throw invalidAnswer('an entry of its audit that makes no sense');
  }
  return { ...readHead(value), at, actor, action, result, detail, client, traceparent, previous };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && value.length <= 200 && form.test(value);
}

function isDetail(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > DETAIL || value.includes('\n')) return false;
  try {
    return isRecord(JSON.parse(value));
  } catch {
    return false;
  }
}

function readHead(value: unknown): AuditHead {
  if (!isRecord(value) || !isText(value.hash, HASH)) throw invalidAnswer('an audit without a hash');
  return { number: readSequence(value.number), hash: value.hash };
}

function readPerson(value: unknown): AuditedPerson {
  if (
    !isRecord(value) ||
    !isText(value.pseudonym, UUID) ||
    !isText(value.userId, UUID) ||
    !Array.isArray(value.actors)
  ) {
    throw invalidAnswer('somebody in its audit who is nobody');
  }
  const { pseudonym, userId, actors } = value;
  if (!actors.every((id): id is string => typeof id === 'string' && isActorId(id))) {
    throw invalidAnswer('an actor in its audit who is none');
  }
  return { pseudonym, userId, actors };
}
