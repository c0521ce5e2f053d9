/**
 * A process that does one operation after the other until it is killed, for `convergence.test.ts`.
 *
 * On standard input it takes one line of JSON, an `Assignment`; on standard output it says what it begins and what it did.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { random } from '../fuzz.js';
import { type Done, type Member, operate } from './crowd-operation.js';

/** What a worker is to do. */
export interface Assignment {
  readonly member: Member;
  readonly seed: number;
}

/** What a worker says: that it can begin, what it did, or why it cannot go on. */
export type Said = { readonly ready: true } | { readonly done: Done } | { readonly failed: string };

function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { member, seed } = JSON.parse(line) as Assignment;
  const dice = random(seed);
  try {
    for (let i = 0; ; i++) say({ done: await operate(member, dice, `${member.name}-killed-${seed}-${i}`) });
  } catch (error) {
    say({ failed: (error as Error).stack ?? String(error) });
  }
}
