import t from 'tap';
import type { ContractUser } from '../../lib/origin/contract/row.js';
import { remoteContract } from '../../lib/origin/contract.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { withEmbeddedOrigin } from './with-origin.js';

const PEOPLE: readonly ContractUser[] = ['owner', 'writer', 'reader', 'stranger'];

const origin = await withEmbeddedOrigin(t);
const users = new Map(await Promise.all(PEOPLE.map(async (name) => [name, await origin.addUser(name)] as const)));
const userIds = Object.fromEntries(PEOPLE.map((name) => [name, users.get(name)!.userId])) as Record<
  ContractUser,
  string
>;

let projects = 0;
remoteContract(
  t,
  'supabase',
  async () => {
    const project = `contract-${++projects}`;
    return {
      remote: async (user) =>
        supabaseRemote({ url: origin.url, key: origin.key, accessToken: users.get(user)!.token, project }),
      close: async () => {},
    };
  },
  userIds,
);
