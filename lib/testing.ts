/** What tests of an own `Remote` need: the suite that every remote passes. */
export { type ContractOrigin, type ContractRunner, type ContractUser, remoteContract } from './origin/contract.js';
