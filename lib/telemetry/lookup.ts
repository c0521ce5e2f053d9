import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';

const PATIENCE_MS = 1000;

/** Finds the addresses of names, and can stop. */
export interface Lookup {
  readonly lookup: LookupFunction;
  close(): void;
}

/**
 * As `dns.lookup`, of the hosts file and the name servers, but to be given up at any time: the system's own function runs in a thread
 * that nothing can stop, and a process that ends waits for it, `process.exit` or not.
 *
 * @param servers the system's name servers when left out
 * @see https://nodejs.org/docs/latest-v20.x/api/dns.html#implementation-considerations
 */
export function openLookup(servers?: readonly string[]): Lookup {
  const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
  if (servers) resolver.setServers(servers);
  return {
    lookup: (name, { all, family }, done) => {
      find(resolver, name).then(
        (found) => {
          const fit = found.filter((address) => !family || address.family === Number(family));
          const [first] = fit;
          if (!first) done(notFound(name), '');
          else if (all) done(null, fit);
          else done(null, first.address, first.family);
        },
        () => done(notFound(name), ''),
      );
    },
    close: () => resolver.cancel(),
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const LOCAL = /(^|\.)localhost\.?$/i;

async function find(resolver: Resolver, name: string): Promise<LookupAddress[]> {
  const known = hostsOf(readIfThere('/etc/hosts'), name);
  if (known.length > 0) return known;
  if (LOCAL.test(name)) {
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
  }
  for (const candidate of candidates(name, readIfThere('/etc/resolv.conf'))) {
    const answers = await Promise.allSettled([resolver.resolve4(candidate), resolver.resolve6(candidate)]);
    const found = answers.flatMap((answer, at) =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: at === 0 ? 4 : 6 })) : [],
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** The addresses that a hosts file has for a name; see hosts(5). */
export function hostsOf(file: string, name: string): LookupAddress[] {
  return file
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([, ...names]) => names.some((known) => known.toLowerCase() === name.toLowerCase()))
    .map(([address = '']) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

/** A name as it is to be asked for, one after the other: a short one below each domain of the search list; see resolv.conf(5). */
export function candidates(name: string, file: string): readonly string[] {
  if (name.endsWith('.')) return [name];
  const lines = file.split('\n').map((line) => line.trim().split(/\s+/));
  const searched =
    lines
      .filter(([keyword]) => keyword === 'search' || keyword === 'domain')
      .at(-1)
      ?.slice(1) ?? [];
  const options = lines.filter(([keyword]) => keyword === 'options').flat();
  const dots = Number(options.findLast((option) => option.startsWith('ndots:'))?.slice('ndots:'.length) ?? 1);
  const below = searched.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= dots ? [name, ...below] : [...below, name];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function notFound(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
}
