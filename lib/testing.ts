/** What the tests of an own `Remote` need: the suite that every remote passes. */
export type { UserIds } from './origin/contract/member-rows.js';
export type { ContractOrigin, ContractUser } from './origin/contract/row.js';
export { type ContractRunner, remoteContract } from './origin/contract.js';
