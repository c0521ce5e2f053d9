import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A generated artifact. */
export interface GeneratedArtifact {
  /** Below `.agent/cache`. */
  readonly path: string;
  readonly text: string;
}

const PREFIXES = ['INFRA', 'WEB', 'MOBILE', 'DATA', 'AUTH', 'BILLING', 'SEARCH', 'MEDIA', 'OPS', 'DOCS'];
const FILES_PER_FOLDER = 250;
const STATES = ['DRAFT', 'ACCEPTED', 'COMMITTED', 'COMMITTED', 'COMMITTED'];
const SECTIONS = {
  stories: ['Problem Statement', 'User Story', 'Acceptance Criteria', 'Impact Analysis Summary', 'Test Strategy'],
  runbooks: ['Goal Description', 'Implementation Steps', 'Verification Plan', 'Definition of Done'],
  plans: ['Summary', 'Objectives', 'Milestones', 'Risks & Mitigations', 'Verification'],
};

/**
 * Makes Stories, Runbooks and Plans in about the mix, the sizes (6 KB on average) and the compressibility of a real project's,
 * in folders of 250. The same count gives the same bytes.
 */
export function generateArtifacts(count: number): GeneratedArtifact[] {
  const random = numbersFrom(count);
  const words = vocabulary(random);
  return Array.from({ length: count }, (_, i) => {
    const slot = i % 100;
    const folder = slot < 50 ? 'stories' : slot < 93 ? 'runbooks' : 'plans';
    const [offset, share] = { stories: [0, 50], runbooks: [50, 43], plans: [93, 7] }[folder] as [number, number];
    const n = Math.floor(i / 100) * share + slot - offset;
    const prefix = prefixOf(Math.floor(n / FILES_PER_FOLDER));
    const id = `${prefix}-${String((n % FILES_PER_FOLDER) + 1).padStart(3, '0')}`;
    const title = sentence(words, random, 4);
    const slug = folder === 'runbooks' ? 'runbook' : title.toLowerCase().replaceAll(' ', '-');
    const size = 2000 + Math.floor(random() ** 2 * 12_000);
    return { path: `${folder}/${prefix}/${id}-${slug}.md`, text: document(folder, id, title, size, words, random) };
  });
}

/** Writes artifacts below a folder. */
export function writeArtifacts(folder: string, artifacts: readonly GeneratedArtifact[]): void {
  for (const { path, text } of artifacts) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function document(
  folder: keyof typeof SECTIONS,
  id: string,
  title: string,
  size: number,
  words: readonly string[],
  random: () => number,
): string {
  const state = STATES[Math.floor(random() * STATES.length)];
  const sections = SECTIONS[folder];
  let text = `# ${id}: ${title}\n\n## State\n\n${state}\n`;
  for (const [i, name] of sections.entries()) {
    text += `\n## ${name}\n\n`;
    while (text.length < (size * (i + 1)) / sections.length) {
      const line = sentence(words, random, 6 + Math.floor(random() * 14));
      text += random() < 0.4 ? `- **${line.slice(0, line.indexOf(' '))}**: ${line}\n` : `${line}.\n`;
    }
  }
  return text;
}

function prefixOf(n: number): string {
  const round = Math.floor(n / PREFIXES.length);
  return `${PREFIXES[n % PREFIXES.length]}${round === 0 ? '' : round + 1}`;
}

/** Few words are frequent and most are rare, as in any text (Zipf). */
function sentence(words: readonly string[], random: () => number, length: number): string {
  const picked = Array.from({ length }, () => words[Math.floor(words.length ** random()) - 1]!);
  const text = picked.join(' ');
  return text[0]!.toUpperCase() + text.slice(1);
}

function vocabulary(random: () => number): string[] {
  const letters = 'eeeeaaiioutttnnsssrrrlldcmpfgbvhkwyxjqz';
  const word = () => Array.from({ length: 3 + Math.floor(random() * 8) }, () => letters[Math.floor(random() * 39)]);
  return Array.from({ length: 4000 }, () => word().join(''));
}

/** A seeded generator of numbers in [0, 1): mulberry32 (T. Ettinger, public domain). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
