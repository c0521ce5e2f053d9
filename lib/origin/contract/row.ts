import type { Remote } from '../../core/ports.js';

/** The people of the contract: three members of the project, and one who is none. */
export type ContractUser = 'owner' | 'writer' | 'reader' | 'stranger';

/** An origin with one project that nobody has registered yet. */
export interface ContractOrigin {
  /** The same project as each person reaches it; called more than once per person. */
  remote(user: ContractUser): Promise<Remote>;
  close(): Promise<void>;
}

/** One sentence of the contract, and how it is shown. */
export interface Row {
  readonly sentence: string;
  readonly show: (origin: ContractOrigin) => Promise<void>;
}
