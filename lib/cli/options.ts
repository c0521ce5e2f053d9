import { Option } from 'clipanion';
import { SyncError } from '../core/errors.js';
import type { Role } from '../core/ports.js';

/** The values of `--role`. */
export const ROLES: readonly Role[] = ['owner', 'writer', 'reader'];

/**
 * Checks that an option has one of the values it may have; an option that was not given stays undefined.
 *
 * @throws {SyncError} `USAGE`
 */
export function oneOf<T extends string>(name: string, value: T | string, allowed: readonly T[]): T;
export function oneOf<T extends string>(
  name: string,
  value: T | string | undefined,
  allowed: readonly T[],
): T | undefined;
export function oneOf<T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  const found = allowed.find((candidate) => candidate === value);
  if (value === undefined || found !== undefined) return found;
  throw new SyncError('USAGE', `${name} is ${allowed.join(', ').replace(/, ([^,]*)$/, ' or $1')}, not '${value}'`);
}

/**
 * Reads an option that is a whole number.
 *
 * @throws {SyncError} `USAGE`
 */
export function wholeNumber(name: string, value: string, { from, to }: { from: number; to: number }): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= from && number <= to) return number;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
  throw new SyncError('USAGE', `${name} is a whole number ${range}, not '${value}'`);
}

/**
 * Checks that exactly one of several options was given.
 *
 * @param given by option name, such as `--ours`
 * @throws {SyncError} `USAGE`
 */
export function exactlyOne(given: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(given);
  if (names.filter((name) => given[name]).length === 1) return;
  throw new SyncError('USAGE', `give one of ${names.join(', ').replace(/, ([^,]*)$/, ' and $1')}`);
}

/**
 * Declares an option that takes a value.
 *
 * @param names such as `-n,--max-count`
 * @param value what help calls the value, such as `FILE`
 */
export function valueOption(names: string, value: string, description: string): string | undefined {
  // clipanion knows no name for an option's value, so it travels before the description.
  return Option.String(names, { description: `${value}: ${description}` });
}

/** Declares an option that takes a value and may be given several times; none when it is not given. */
export function listOption(names: string, value: string, description: string): string[] {
  return Option.Array(names, [], { description: `${value}: ${description}` });
}

/** Takes apart what `valueOption` put together; for an option without a value the name is empty. */
export function splitValueName(description: string): { readonly value: string; readonly text: string } {
  const [, value = '', text = description] = /^([A-Z_=]+): (.*)$/s.exec(description) ?? [];
  return { value, text };
}
