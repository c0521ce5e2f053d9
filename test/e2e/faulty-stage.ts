/** Projects at an embedded origin behind a network that can break, each as if made for one command. */
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { fsck, importArtifacts, listArtifacts, log, pull, push } from '../../lib/index.js';
import { MAIN } from '../../lib/origin/contract/specimens.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { type FaultyProxy, withFaultyProxy } from '../origin/faulty-proxy.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';

const ONE = 'stories/SYNC/SYNC-001-one.md';
const TWO = 'stories/SYNC/SYNC-002-two.md';
const PROJECT = 'team';

/** What a developer has, and what the origin has, before a command. */
export interface Situation {
  /** `joining`: nothing but sync.yaml. `ready`: what the origin had at first. `ahead`: a commit on top of that. */
  readonly store: 'joining' | 'ready' | 'ahead';
  /** Whether a teammate pushed a commit meanwhile. */
  readonly teammate: boolean;
  /** Whether the command writes at the origin, and so needs a project of its own. */
  readonly writes: boolean;
}

/** A developer in a situation, whose only way to the origin may break. */
export interface Scene {
  readonly developer: Developer;
  readonly proxy: FaultyProxy;
  /** The origin's `main`, asked for around the proxy. */
  originMain(): Promise<string | null>;
  /** Somebody who has what the origin had at first, and a network that is well. */
  teammate(): Developer;
}

/** All that a user can tell apart after a command, without what differs from run to run: times, ids of actors and commits. */
export interface EndState {
  readonly files: Readonly<Record<string, string>>;
  /** The messages of the commits of `HEAD` and of `origin/main`. */
  readonly head: readonly string[];
  readonly tracking: readonly string[];
  readonly isTrackingRight: boolean;
  readonly artifacts: readonly string[];
  readonly problems: readonly unknown[];
}

/**
 * Makes scenes; the origin and what all scenes begin with are made once.
 *
 * @param patience seconds that a request may take
 */
export async function faultyStage(
  t: Test,
  patience: number,
): Promise<(t: Test, situation: Situation) => Promise<Scene>> {
  const origin = await withEmbeddedOrigin(t);
  const { token } = await origin.addUser('ada');
  const env = { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token };
  const make = async (name: string) => {
    const developer = new Developer(t, name, env);
    await developer.init({ origin: origin.url, project: PROJECT });
    developer.configure(`  timeout: ${patience}\n`);
    return developer;
  };
  const joining = new Developer(t, 'joining', env);
  const ready = await make('ready');
  cpSync(join(ready.root, '.agent/etc'), join(joining.root, '.agent/etc'), { recursive: true });
  ready.write(ONE, storyText('SYNC-001', 'One'));
  ready.write(TWO, storyText('SYNC-002', 'Two'));
  await ready.run(importArtifacts);
  await ready.run(push);
  const first = await pushOf(ready, []);
  const ben = await make('ben');
  await ben.run(pull);
  ben.edit(ONE, 'One.', 'Ben was here.');
  await ben.run(importArtifacts);
  await ben.run(push);
  const second = await pushOf(ben, first.objects);
  const ahead = new Developer(t, 'ahead', env);
  cpSync(ready.root, ahead.root, { recursive: true });
  ahead.edit(TWO, 'Five.', 'Ada was here.');
  await ahead.run(importArtifacts);

  const templates = { joining, ready, ahead };
  return async (t, { store, teammate, writes }) => {
    const project = writes ? `project-${randomUUID()}` : PROJECT;
    const remote = supabaseRemote({ url: origin.url, key: origin.key, accessToken: token, project });
    if (writes) {
      await remote.register();
      for (const request of teammate ? [first, second] : [first]) await remote.push({ ...request, id: randomUUID() });
    }
    const proxy = await withFaultyProxy(t, origin.url);
    const settleIn = (name: string, template: Developer, url: string) => {
      const developer = new Developer(t, name, env);
      rmSync(developer.root, { recursive: true });
      cpSync(template.root, developer.root, { recursive: true });
      const config = join(developer.root, '.agent/etc/sync.yaml');
      const text = readFileSync(config, 'utf8').replace(origin.url, url);
      writeFileSync(config, text.replace(`project: ${PROJECT}`, `project: ${project}`));
      return developer;
    };
    return {
      developer: settleIn('ada', templates[store], proxy.url),
      proxy,
      originMain: async () => (await remote.describe()).refs.get(MAIN) ?? null,
      teammate: () => settleIn('ben', ready, origin.url),
    };
  };
}

/** The push that brings what a developer has to an origin that has `known`. */
function pushOf(developer: Developer, known: readonly { readonly oid: string }[]) {
  return developer.run(({ store }) => {
    const have = new Set(known.map(({ oid }) => oid));
    const all = [...store.objects.list()].map((oid) => ({ oid, ...store.objects.read(oid) }));
    const objects = all.filter(({ oid }) => !have.has(oid));
    const [last] = store.refs.reflog(MAIN);
    const edits = [{ name: MAIN, expected: known.length > 0 ? last!.from : null, target: last!.to }];
    return { edits, objects, actors: store.actors.list() };
  });
}

/** What the developer has now. */
export function endState({ developer, originMain }: Scene): Promise<EndState> {
  return developer.run(async (repo) => {
    const { store, worktree } = repo;
    const tracking = store.refs.get('refs/remotes/origin/main');
    const messages = (revision: string) =>
      log(repo, { revision })
        .map(({ message }) => message)
        .sort();
    const artifacts = listArtifacts(repo).map(({ path, version, state }) => `${path} ${version} ${state}`);
    return {
      files: Object.fromEntries(worktree.scan().files.map(({ path }) => [path, developer.read(path)])),
      head: store.refs.get('HEAD') ? messages('HEAD') : [],
      tracking: tracking ? messages(tracking) : [],
      isTrackingRight: tracking === (await originMain()),
      artifacts,
      problems: fsck(store).problems,
    };
  });
}
